package io.lorikeet.inference.metrics;

import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.inference.adapters.Rejection;
import io.lorikeet.inference.adapters.RejectionReason;
import io.lorikeet.inference.adapters.SwapListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Which adapters are served, and what swapping them took. */
@ApplicationScoped
public class AdapterMetrics implements SwapListener {
    private final InferenceEngine engine;
    private final Timer swaps;
    private final MeterRegistry registry;
    private final MultiGauge info;

    @Inject
    AdapterMetrics(MeterRegistry registry, InferenceEngine engine) {
        this.registry = registry;
        this.engine = engine;
        this.swaps = Timer.builder("lorikeet.adapter.swap.duration")
                .description("From a checkpoint event's arrival to the flip")
                .serviceLevelObjectives(Arrays.stream(new long[] {5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000})
                        .mapToObj(Duration::ofMillis)
                        .toArray(Duration[]::new))
                .register(registry);
        // all at 0 from the beginning, so that the first one is an increase
        Arrays.stream(RejectionReason.values()).map(RejectionReason::label).forEach(this::rejections);
        Arrays.stream(AdapterException.Reason.values())
                .map(AdapterException.Reason::slug)
                .forEach(this::rejections);
        this.info = MultiGauge.builder("lorikeet.adapter.info")
                .description("1 for each adapter version that is served")
                .register(registry);
        Gauge.builder("lorikeet.adapters.resident", engine, e -> e.adapters().size())
                .description("Adapter versions that take memory, draining ones among them")
                .register(registry);
    }

    @Override
    public void swapped(String adapter, String version, Duration took) {
        swaps.record(took);
        refresh();
    }

    @Override
    public void rejected(Rejection rejection) {
        rejections(rejection.reason()).increment();
    }

    @Override
    public void retired(String adapter) {
        refresh();
    }

    private Counter rejections(String reason) {
        return Counter.builder("lorikeet.adapter.rejections")
                .description("Checkpoints that were refused")
                .tag("reason", reason)
                .register(registry);
    }

    private synchronized void refresh() {
        var rows = engine.adapters().stream()
                .filter(adapter -> adapter.state() == AdapterStatus.State.SERVING)
                .map(adapter ->
                        MultiGauge.Row.of(Tags.of("adapter", adapter.name(), "version", adapter.version()), () -> 1))
                .collect(Collectors.<MultiGauge.Row<?>>toList());
        info.register(rows, true);
    }
}
