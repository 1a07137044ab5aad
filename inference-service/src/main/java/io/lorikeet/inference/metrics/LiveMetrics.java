package io.lorikeet.inference.metrics;

import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.http.HelperThreads;
import io.lorikeet.inference.adapters.CheckpointConsumer;
import io.lorikeet.inference.adapters.CheckpointReplay;
import io.lorikeet.messaging.UnreadableRecords;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What is looked at each second, since nothing says that it has changed. */
@ApplicationScoped
public class LiveMetrics {
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final InferenceEngine engine;
    private final MultiGauge requests;
    private final HelperThreads threads;
    private volatile boolean stopped;

    @Inject
    LiveMetrics(
            MeterRegistry registry,
            InferenceEngine engine,
            CheckpointConsumer consumer,
            CheckpointReplay replay,
            HelperThreads threads) {
        this.threads = threads;
        this.engine = engine;
        this.requests = MultiGauge.builder("lorikeet.lora.requests.info")
                .description("1; its labels say which adapters requests run and wait with")
                .register(registry);
        Gauge.builder("lorikeet.checkpoint.offset", replay, CheckpointReplay::seen)
                .description(
                        "Offset of the newest record of the checkpoint topic that was taken in, -1 before the first")
                .register(registry);
        Gauge.builder("lorikeet.checkpoint.lag", consumer, it -> lag(it.lag()))
                .description("Records of the checkpoint topic that were not read yet; NaN until the broker has said")
                .register(registry);
        var unreadable = consumer.unreadable();
        for (var topic : unreadable.topics()) {
            FunctionCounter.builder(UnreadableRecords.METRIC, unreadable, it -> it.count(topic))
                    .description(UnreadableRecords.DESCRIPTION)
                    .tag("topic", topic)
                    .register(registry);
        }
    }

    void start(@Observes StartupEvent event) {
        threads.start("live-metrics", this::run);
    }

    private void run() {
        while (!stopped) {
            refreshRequests();
            try {
                Thread.sleep(PERIOD);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static double lag(OptionalLong records) {
        return records.isPresent() ? records.getAsLong() : Double.NaN;
    }

    private void refreshRequests() {
        var adapters = engine.adapters();
        var tags = Tags.of(
                "max_lora", String.valueOf(engine.options().loras().maxLoras()),
                "running_lora_adapters", names(adapters, adapter -> adapter.running() > 0),
                "waiting_lora_adapters", names(adapters, adapter -> adapter.waiting() > 0));
        requests.register(List.of(MultiGauge.Row.of(tags, () -> 1)), true);
    }

    private static String names(List<AdapterStatus> adapters, Predicate<AdapterStatus> wanted) {
        return adapters.stream()
                .filter(wanted)
                .map(AdapterStatus::name)
                .sorted()
                .distinct()
                .collect(Collectors.joining(","));
    }

    @PreDestroy
    void stop() {
        stopped = true;
    }
}
