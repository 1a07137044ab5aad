package io.lorikeet.inference.metrics;

import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.http.HelperThreads;
import io.lorikeet.inference.adapters.CheckpointConsumer;
import io.lorikeet.inference.adapters.CheckpointReplay;
import io.lorikeet.messaging.TopicMeters;
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
        TopicMeters.lag(registry, "lorikeet.checkpoint.lag", consumer.progress(), Tags.empty());
        TopicMeters.unreadable(registry, consumer.unreadable());
        TopicMeters.up(registry, consumer.broker());
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
