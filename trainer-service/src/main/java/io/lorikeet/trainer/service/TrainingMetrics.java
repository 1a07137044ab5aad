package io.lorikeet.trainer.service;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.run.RunObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** What the trainer does, as metrics, heartbeat and log lines. */
@ApplicationScoped
class TrainingMetrics implements RunObserver {
    private static final Logger LOG = Logger.getLogger("io.lorikeet.trainer");

    private final MeterRegistry registry;
    private final Heartbeat heartbeat;
    private final Counter steps;
    private final Counter skipped;
    private final Counter tokens;
    private final Timer stepTime;
    private final Timer checkpointTime;
    private final AtomicReference<StepReport> last = new AtomicReference<>();

    TrainingMetrics(MeterRegistry registry, Heartbeat heartbeat) {
        this.registry = registry;
        this.heartbeat = heartbeat;
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
                .register(registry);
        gauge("lorikeet.training.loss", "Loss of the last step", StepReport::loss);
        gauge("lorikeet.training.grad.norm", "Gradient norm of the last step, before clipping", StepReport::gradNorm);
        gauge("lorikeet.training.learning.rate", "Learning rate of the last step", StepReport::learningRate);
        gauge(
                "lorikeet.training.tokens.per.second",
                "Supervised tokens a second in the last step",
                step -> step.tokens() * 1e9 / Math.max(1, step.took().toNanos()));
    }

    private void gauge(String name, String description, java.util.function.ToDoubleFunction<StepReport> value) {
        io.micrometer.core.instrument.Gauge.builder(
                        name, last, it -> it.get() == null ? Double.NaN : value.applyAsDouble(it.get()))
                .description(description)
                .register(registry);
    }

    @Override
    public void phase(String name) {
        heartbeat.beat(name);
    }

    @Override
    public void event(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started started ->
                LOG.infof(
                        "Job %s: %d steps over %d rows, %d trainable parameters%s",
                        started.jobId(),
                        started.maxSteps(),
                        started.rowsKept(),
                        started.trainableParameters(),
                        started.resumedFromStep() == null ? "" : ", resumed from step " + started.resumedFromStep());
            case TrainingEvent.Progress row ->
                LOG.infof(
                        "Job %s: step %d/%d, loss %.4f, grad_norm %.3f, learning_rate %.3g, %.2f s/it",
                        row.jobId(),
                        row.globalStep(),
                        row.maxSteps(),
                        row.loss(),
                        row.gradNorm(),
                        row.learningRate(),
                        row.trainSpeed());
            case TrainingEvent.CheckpointSaved saved -> LOG.infof("Job %s: checkpoint %s", saved.jobId(), saved.path());
            case TrainingEvent.Evaluated row ->
                LOG.infof("Job %s: step %d, eval_loss %.4f", row.jobId(), row.step(), row.evalLoss());
            case TrainingEvent.Accepted answers -> LOG.infof("Job %s: accepted", answers.jobId());
            case TrainingEvent.Rejected answers ->
                LOG.warnf(
                        "Job %s: rejected: %s",
                        answers.jobId(),
                        answers.answers().stream().filter(a -> !a.passed()).toList());
            case TrainingEvent.Queued _,
                    TrainingEvent.Succeeded _,
                    TrainingEvent.Failed _,
                    TrainingEvent.Cancelled _ -> {}
        }
    }

    /** A job is over, in this state: {@code succeeded}, {@code cancelled}, {@code failed}, {@code interrupted}, … */
    void job(String state) {
        registry.counter("lorikeet.training.jobs", "state", state).increment();
    }

    @Override
    public void warning(String message) {
        LOG.warn(message);
    }

    @Override
    public void dropped(String reason, int rows) {
        registry.counter("lorikeet.training.rows.dropped", "reason", reason).increment(rows);
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
