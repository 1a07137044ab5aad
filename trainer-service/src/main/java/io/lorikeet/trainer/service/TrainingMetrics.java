package io.lorikeet.trainer.service;

import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.messaging.BrokerWatch;
import io.lorikeet.messaging.TopicMeters;
import io.lorikeet.messaging.UnreadableRecords;
import io.lorikeet.trainer.run.ProcessMemory;
import io.lorikeet.trainer.run.RunObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jboss.logging.Logger;

/** What the trainer does, as metrics, heartbeat and log lines. The README lists the metrics. */
@ApplicationScoped
class TrainingMetrics implements RunObserver {
    private static final Logger LOG = Logger.getLogger("io.lorikeet.trainer");
    /** How a delivery can end; there from the start, so that a dashboard sees the first of each. */
    private static final List<String> STATES = List.of(
            "succeeded",
            "cancelled",
            "validated",
            "duplicate",
            "interrupted",
            "retried",
            "failed",
            "refused",
            "dead_lettered",
            "malformed");

    private static final List<String> DROP_REASONS =
            List.of("malformed", "max_length", "no_answer_left", "nothing_to_learn");

    private final MeterRegistry registry;
    private final Heartbeat heartbeat;
    private final Counter steps;
    private final Counter skipped;
    private final Counter tokens;
    private final Timer stepTime;
    private final Timer checkpointTime;
    private final MultiGauge job;
    private final UnreadableRecords unreadable = new UnreadableRecords(Topics.COMMANDS);
    private final PhaseSpans spans = new PhaseSpans();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<StepReport> last = new AtomicReference<>();
    private final AtomicReference<TrainingEvent.Progress> progress = new AtomicReference<>();
    private final AtomicReference<TrainingEvent.Evaluated> evaluated = new AtomicReference<>();

    TrainingMetrics(MeterRegistry registry, Heartbeat heartbeat, TrainerConfig config) {
        this.registry = registry;
        this.heartbeat = heartbeat;
        STATES.forEach(this::jobs);
        DROP_REASONS.forEach(this::rowsDropped);
        steps = Counter.builder("lorikeet.training.steps")
                .description("Optimiser steps")
                .register(registry);
        skipped = Counter.builder("lorikeet.training.steps.skipped")
                .description("Optimiser steps left out because the gradient was not finite")
                .register(registry);
        tokens = Counter.builder("lorikeet.training.tokens")
                .description("Supervised tokens trained on")
                .register(registry);
        stepTime = Timer.builder("lorikeet.training.step")
                .description("Time of an optimiser step")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(10))
                .maximumExpectedValue(Duration.ofMinutes(10))
                .register(registry);
        checkpointTime = Timer.builder("lorikeet.training.checkpoint.write")
                .description("Time until a checkpoint is on disk")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(10))
                .maximumExpectedValue(Duration.ofMinutes(10))
                .register(registry);
        TopicMeters.unreadable(registry, unreadable);
        job = MultiGauge.builder("lorikeet.training.job.info")
                .description("1 for the job that trains, or trained last")
                .register(registry);
        gauge("jobs.running", "Jobs that train now: 0 or 1", running, AtomicInteger::get);
        gauge(
                "silence.seconds",
                "Seconds since the running job gave a sign of life",
                heartbeat,
                it -> running.get() == 0 ? 0 : it.silence().toMillis() / 1e3);
        of(last, "loss", "Loss of the last step", StepReport::loss);
        of(last, "grad.norm", "Gradient norm of the last step, before clipping", StepReport::gradNorm);
        of(last, "learning.rate", "Learning rate of the last step", StepReport::learningRate);
        of(
                last,
                "tokens.per.second",
                "Supervised tokens a second in the last step",
                step -> step.tokens() * 1e9 / Math.max(1, step.took().toNanos()));
        of(evaluated, "eval.loss", "Loss of the last evaluation", TrainingEvent.Evaluated::evalLoss);
        of(
                progress,
                "global.step",
                "Optimiser steps done by the job, as last logged",
                TrainingEvent.Progress::globalStep);
        of(progress, "max.steps", "Optimiser steps of the job", TrainingEvent.Progress::maxSteps);
        memory("process", () -> ProcessMemory.bytes());
        Set<Device> devices = Set.copyOf(Device.several(config.device()));
        memory("device", () -> sum(devices, DeviceMemory::used));
        memory("device_total", () -> sum(devices, DeviceMemory::total));
    }

    private <T> void of(AtomicReference<T> source, String name, String description, ToDoubleFunction<T> value) {
        gauge(name, description, source, it -> it.get() == null ? Double.NaN : value.applyAsDouble(it.get()));
    }

    private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        Gauge.builder("lorikeet.training." + name, source, value)
                .description(description)
                .register(registry);
    }

    private static long sum(Set<Device> devices, ToLongFunction<DeviceMemory> bytes) {
        return devices.stream()
                .flatMap(device -> DeviceMemory.of(device).stream())
                .mapToLong(bytes)
                .sum();
    }

    private void memory(String area, Supplier<Number> bytes) {
        Gauge.builder("lorikeet.training.memory", bytes)
                .description("Memory in use: of the process, of the devices by everyone; and all that they have")
                .baseUnit("bytes")
                .tag("area", area)
                .register(registry);
    }

    private Counter jobs(String state) {
        return Counter.builder("lorikeet.training.jobs")
                .description("Deliveries of training commands by how they ended")
                .tag("state", state)
                .register(registry);
    }

    private Counter rowsDropped(String reason) {
        return Counter.builder("lorikeet.training.rows.dropped")
                .description("Rows that were not trained on")
                .tag("reason", reason)
                .register(registry);
    }

    /** Counts the records that are no commands. */
    UnreadableRecords unreadable() {
        return unreadable;
    }

    /** Says whether the broker answers. */
    void watch(BrokerWatch broker) {
        TopicMeters.up(registry, broker);
    }

    /** A delivery's job begins or ends. */
    void running(boolean now) {
        running.set(now ? 1 : 0);
        spans.end();
        heartbeat.rest();
    }

    /** A delivery is over, in this state. */
    void job(String state) {
        jobs(state).increment();
    }

    @Override
    public void phase(String name) {
        heartbeat.beat(name);
        spans.begin(name);
    }

    @Override
    public void alive() {
        heartbeat.beat();
    }

    @Override
    public void event(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started started -> {
                var names = Tags.of("job_id", started.jobId(), "adapter", started.adapter());
                job.register(List.of(MultiGauge.Row.of(names, () -> 1)), true);
                LOG.infof(
                        "Job %s: %d steps over %d rows, %d trainable parameters%s",
                        started.jobId(),
                        started.maxSteps(),
                        started.rowsKept(),
                        started.trainableParameters(),
                        started.resumedFromStep() == null ? "" : ", resumed from step " + started.resumedFromStep());
            }
            case TrainingEvent.Progress row -> {
                progress.set(row);
                LOG.infof(
                        "Job %s: step %d/%d, loss %.4f, grad_norm %.3f, learning_rate %.3g, %.2f s/it",
                        row.jobId(),
                        row.globalStep(),
                        row.maxSteps(),
                        row.loss(),
                        row.gradNorm(),
                        row.learningRate(),
                        row.trainSpeed());
            }
            case TrainingEvent.CheckpointSaved saved -> LOG.infof("Job %s: checkpoint %s", saved.jobId(), saved.path());
            case TrainingEvent.Evaluated row -> {
                evaluated.set(row);
                LOG.infof("Job %s: step %d, eval_loss %.4f", row.jobId(), row.step(), row.evalLoss());
            }
            case TrainingEvent.Accepted answers -> LOG.infof("Job %s: accepted", answers.jobId());
            case TrainingEvent.Rejected answers ->
                LOG.warnf(
                        "Job %s: rejected: %s",
                        answers.jobId(),
                        answers.answers().stream().filter(a -> !a.passed()).toList());
            case TrainingEvent.Queued _,
                    TrainingEvent.Succeeded _,
                    TrainingEvent.Failed _,
                    TrainingEvent.Cancelled _,
                    TrainingEvent.Validated _ -> {}
        }
    }

    @Override
    public void warning(String message) {
        LOG.warn(message);
    }

    @Override
    public void dropped(String reason, int rows) {
        rowsDropped(reason).increment(rows);
    }

    @Override
    public void step(StepReport step) {
        heartbeat.step(step.took());
        steps.increment();
        stepTime.record(step.took());
        tokens.increment((double) step.tokens());
        if (step.skipped()) {
            skipped.increment();
        } else {
            last.set(step);
        }
    }

    @Override
    public void checkpointWritten(Duration took) {
        checkpointTime.record(took);
    }
}
