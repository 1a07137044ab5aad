package io.lorikeet.inference.metrics;

import io.lorikeet.engine.generation.StepListener;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** What the engine's decode steps do; on the engine's thread. */
@ApplicationScoped
public class StepMetrics implements StepListener {
    private final DistributionSummary batchSize;
    private final Timer duration;

    @Inject
    StepMetrics(MeterRegistry registry) {
        this.batchSize = DistributionSummary.builder("lorikeet.batch.size")
                .description("Sequences that got a token in one decode step")
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256)
                .register(registry);
        this.duration = Timer.builder("lorikeet.decode.step")
                .description("One decode step, from its first kernel to its tokens")
                .serviceLevelObjectives(Arrays.stream(new long[] {1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000})
                        .mapToObj(Duration::ofMillis)
                        .toArray(Duration[]::new))
                .register(registry);
    }

    @Override
    public void decoded(int sequences, long nanos) {
        batchSize.record(sequences);
        duration.record(nanos, TimeUnit.NANOSECONDS);
    }
}
