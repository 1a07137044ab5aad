package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.adapters.AdapterCatalog.Contested;
import io.lorikeet.gateway.kafka.Replay;
import io.lorikeet.http.ApiException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Looks at each canary every second: asks its questions when it is time, and has carried out what the judge says. */
@ApplicationScoped
public class CanaryWatch {
    private static final Logger LOG = Logger.getLogger(CanaryWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Not all gateways at once uphold what stands. */
    private static final int UPHOLDS_WITHIN_MILLIS = 3_000;

    /** How a replica says that it cannot read a version's files, or that they do not fit. */
    private static final Set<Integer> UNFIT = Set.of(404, 422);

    private final Vertx vertx;
    private final Replay replay;
    private final AdapterCatalog catalog;
    private final RunningTrials trials;
    private final Canaries canaries;
    private final LiveQuestions questions;
    private final MeterRegistry metrics;
    private final Duration askingInterval;
    private final Duration patience =
            Duration.ofMillis(ThreadLocalRandom.current().nextInt(UPHOLDS_WITHIN_MILLIS));
    private final AtomicBoolean upholding = new AtomicBoolean();
    private long timer;

    CanaryWatch(
            Vertx vertx,
            Replay replay,
            AdapterCatalog catalog,
            RunningTrials trials,
            Canaries canaries,
            LiveQuestions questions,
            MeterRegistry metrics,
            GatewayConfig config) {
        this.vertx = vertx;
        this.replay = replay;
        this.catalog = catalog;
        this.trials = trials;
        this.canaries = canaries;
        this.questions = questions;
        this.metrics = metrics;
        this.askingInterval = config.canary().acceptanceInterval();
    }

    void start(@Observes StartupEvent event) {
        metrics.gauge("lorikeet.canaries", catalog, it -> it.canaries().size());
        timer = vertx.setPeriodic(INTERVAL.toMillis(), _ -> look());
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    private void look() {
        if (!replay.done()) {
            return;
        }
        trials.now().forEach(trial -> VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext())
                .runOnContext(_ -> look(trial)));
        catalog.contested().stream()
                .filter(contested -> Instant.now().isAfter(contested.since().plus(patience)))
                .findFirst()
                .ifPresent(this::uphold);
    }

    private void look(Trial trial) {
        if (trial.beginsAsking(askingInterval)) {
            questions
                    .ask(trial.canary())
                    .onTermination()
                    .invoke(trial::doneAsking)
                    .subscribe()
                    .with(trial::answered, why -> notAsked(trial, why));
        }
        var adapter = trial.canary().checkpoint().adapter();
        catalog.standing(adapter)
                .filter(standing -> standing.canary() != null && trial.isOf(standing.canary()))
                .ifPresent(standing -> judge(trial, standing));
    }

    private void judge(Trial trial, CheckpointEvent standing) {
        var verdict = trial.verdict();
        if (verdict instanceof Verdict.Wait || !trial.beginsDeciding()) {
            return;
        }
        canaries.carryOut(standing, verdict)
                .onTermination()
                .invoke(trial::doneDeciding)
                .subscribe()
                .with(
                        _ -> decided(standing, verdict),
                        why -> LOG.warnf(
                                "adapter %s: what is decided about canary %s cannot be told, trying on: %s",
                                standing.adapter(), standing.canary().version(), why.getMessage()));
    }

    private void decided(CheckpointEvent standing, Verdict verdict) {
        var about = "adapter " + standing.adapter() + ": canary "
                + standing.canary().version();
        switch (verdict) {
            case Verdict.Wait _ -> {}
            case Verdict.Promote(var reason) -> {
                LOG.infof("%s is promoted: %s", about, reason);
                count("promoted", Optional.empty());
            }
            case Verdict.RollBack(var bound, var reason) -> {
                LOG.warnf("%s is rolled back, %s stays: %s", about, standing.version(), reason);
                count("rolled_back", Optional.of(bound));
            }
        }
    }

    private void count(String outcome, Optional<Verdict.Bound> passed) {
        metrics.counter(
                        "lorikeet.canary.decisions",
                        "outcome",
                        outcome,
                        "passed",
                        passed.map(bound -> bound.name().toLowerCase(Locale.ROOT))
                                .orElse("none"))
                .increment();
    }

    /** What is refused for good, a replica has looked at and does not take; all else may pass. */
    private static void notAsked(Trial trial, Throwable why) {
        if (why instanceof ApiException refusal
                && UNFIT.contains(refusal.error().status())) {
            trial.unfit(why.getMessage());
        } else {
            LOG.infof(
                    "adapter %s: canary %s cannot be asked its questions now: %s",
                    trial.canary().checkpoint().adapter(), trial.canary().version(), why.getMessage());
        }
    }

    private void uphold(Contested contested) {
        if (upholding.compareAndSet(false, true)) {
            LOG.infof("adapter %s: a decision came too late, and what stands is said again", contested.adapter());
            canaries.uphold(contested)
                    .onTermination()
                    .invoke(() -> upholding.set(false))
                    .subscribe()
                    .with(_ -> {}, why -> LOG.warnf("it cannot be said, trying on: %s", why.getMessage()));
        }
    }
}
