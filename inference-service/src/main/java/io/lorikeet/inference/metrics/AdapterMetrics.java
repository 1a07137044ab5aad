package io.lorikeet.inference.metrics;

import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.inference.adapters.Rejection;
import io.lorikeet.inference.adapters.RejectionReason;
import io.lorikeet.inference.adapters.SwapListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.context.Context;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which adapters are served, and what swapping them took. */
@ApplicationScoped
public class AdapterMetrics implements SwapListener {
    /** Versions whose first text is waited for; a version that nobody asks for must not be remembered for ever. */
    private static final int MAX_AWAITED = 64;

    private final InferenceEngine engine;
    private final Timer swaps;
    private final Timer firstTexts;
    private final MeterRegistry registry;
    private final MultiGauge info;

    /** When the event of a version came that has said nothing yet; guarded by this. */
    private final Map<AdapterVersion, Long> awaited = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<AdapterVersion, Long> eldest) {
            return size() > MAX_AWAITED;
        }
    };

    @Inject
    AdapterMetrics(MeterRegistry registry, InferenceEngine engine) {
        this.registry = registry;
        this.engine = engine;
        this.swaps = timer("lorikeet.adapter.swap.duration", "From a checkpoint event's arrival to the flip");
        this.firstTexts =
                timer("lorikeet.adapter.first.token", "From a checkpoint event's arrival to the version's first text");
        // all at 0 from the beginning, so that the first one is an increase
        Arrays.stream(RejectionReason.values()).map(RejectionReason::label).forEach(this::rejections);
        Arrays.stream(AdapterException.Reason.values())
                .map(AdapterException.Reason::slug)
                .forEach(this::rejections);
        this.info = MultiGauge.builder("lorikeet.adapter.info")
                .description("1 for each adapter version that is served")
                .register(registry);
        gauge("lorikeet.adapters.served", "Adapter names that requests may ask for", e -> serving(e)
                .count());
        gauge(
                "lorikeet.adapters.resident",
                "Adapter versions on the device, draining ones among them",
                e -> e.adapters().stream().filter(AdapterStatus::resident).count());
        gauge(
                "lorikeet.adapters.bytes",
                "Bytes of the matrices of all adapter versions that are kept",
                e -> e.adapters().stream().mapToLong(AdapterStatus::bytes).sum());
        FunctionCounter.builder(
                        "lorikeet.adapter.evictions", engine, e -> e.stats().adapterEvictions())
                .description("Adapters that were evicted from the device and stayed in host memory")
                .register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(Arrays.stream(new long[] {5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000})
                        .mapToObj(Duration::ofMillis)
                        .toArray(Duration[]::new))
                .register(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<InferenceEngine> value) {
        Gauge.builder(name, engine, value).description(description).register(registry);
    }

    private static Stream<AdapterStatus> serving(InferenceEngine engine) {
        return engine.adapters().stream().filter(adapter -> adapter.state() == AdapterStatus.State.SERVING);
    }

    @Override
    public synchronized void loading(String adapter, String version, Duration waited) {
        part("load adapter", adapter, version, waited);
        var key = new AdapterVersion(adapter, version);
        awaited.remove(key);
        awaited.put(key, System.nanoTime() - waited.toNanos());
    }

    /** A version has said something; on the engine's thread. */
    synchronized void said(AdapterVersion adapter) {
        var arrived = awaited.isEmpty() ? null : awaited.remove(adapter);
        if (arrived != null) {
            RequestMetrics.record(firstTexts, System.nanoTime() - arrived);
        }
    }

    @Override
    public void swapped(String adapter, String version, Duration took) {
        swaps.record(took);
        part("swap", adapter, version, took);
        refresh();
    }

    @Override
    public void rejected(Rejection rejection) {
        rejections(rejection.reason()).increment();
        if (rejection.version() != null) {
            synchronized (this) {
                awaited.remove(new AdapterVersion(rejection.adapter(), rejection.version()));
            }
        }
    }

    private static void part(String name, String adapter, String version, Duration took) {
        new TracedParts(Context.current())
                .over(name, System.nanoTime() - took.toNanos(), span -> span.setAttribute("lorikeet.adapter", adapter)
                        .setAttribute("lorikeet.version", version));
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
        var rows = serving(engine)
                .map(adapter ->
                        MultiGauge.Row.of(Tags.of("adapter", adapter.name(), "version", adapter.version()), () -> 1))
                .collect(Collectors.<MultiGauge.Row<?>>toList());
        info.register(rows, true);
    }
}
