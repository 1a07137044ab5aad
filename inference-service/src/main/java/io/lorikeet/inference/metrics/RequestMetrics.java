package io.lorikeet.inference.metrics;

import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.FinishReason;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.RequestException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What requests cost, in vLLM's words under {@code lorikeet_}, by adapter and version. */
@ApplicationScoped
public class RequestMetrics {
    /** Adapter versions, and adapters, with figures of their own; of those asked longest ago they go first. */
    private static final int MAX_VERSIONS = 64;

    /** Prometheus takes an empty label for none. */
    static final AdapterVersion BASE = new AdapterVersion("", "");

    /** How the engine's own fault ends an answer; else it is a {@link FinishReason}. */
    private static final String ERROR = "error";

    private static final Duration[] TOKEN_BUCKETS = millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000);
    private static final Duration[] REQUEST_BUCKETS =
            millis(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000);

    private final MeterRegistry registry;
    private final AdapterMetrics adapters;

    private final InferenceEngine engine;
    private final Map<AdapterVersion, Meters> byVersion = bounded(Meters::all);
    private final Map<String, Map<RequestException.Kind, Counter>> refusals = bounded(Map::values);

    /** The figures of one adapter version; the base model's have empty labels. */
    record Meters(
            Timer queueTime,
            Timer timeToFirstToken,
            Timer interTokenLatency,
            Timer e2eLatency,
            Counter promptTokens,
            Counter generationTokens,
            Map<String, Counter> finished) {
        void finished(FinishReason reason) {
            finished.get(label(reason)).increment();
        }

        void failed() {
            finished.get(ERROR).increment();
        }

        private List<Meter> all() {
            List<Meter> all = new ArrayList<>(finished.values());
            all.addAll(List.of(
                    queueTime, timeToFirstToken, interTokenLatency, e2eLatency, promptTokens, generationTokens));
            return all;
        }
    }

    @Inject
    RequestMetrics(MeterRegistry registry, InferenceEngine engine, AdapterMetrics adapters) {
        this.registry = registry;
        this.engine = engine;
        this.adapters = adapters;
        Gauge.builder("lorikeet.num.requests.running", engine, e -> e.stats().running())
                .description("Requests that are being decoded")
                .register(registry);
        Gauge.builder("lorikeet.num.requests.waiting", engine, e -> e.stats().waiting())
                .description("Requests that wait for a slot of the cache")
                .register(registry);
        Gauge.builder("lorikeet.kv.cache.usage.perc", engine, e -> e.stats().cacheUsage())
                .description("Occupied part of the key/value cache, 0 to 1")
                .register(registry);
        FunctionCounter.builder("lorikeet.decode.graph.steps", engine, e -> e.stats()
                        .graphs()
                        .launches())
                .description("Decode steps that ran as a CUDA graph")
                .register(registry);
        FunctionCounter.builder("lorikeet.decode.kernel.steps", engine, e -> e.stats()
                        .graphs()
                        .kernelSteps())
                .description("Decode steps whose layers ran as kernels of Lorikeet's own")
                .register(registry);
        FunctionCounter.builder("lorikeet.decode.graph.failures", engine, e -> e.stats()
                        .graphs()
                        .failures())
                .description("Kinds of decode steps that could not be captured as a CUDA graph, and run slower")
                .register(registry);
        FunctionCounter.builder(
                        "lorikeet.prefix.cache.queries", engine, e -> e.stats().prefixQueriedTokens())
                .description("Tokens of system prompts that were looked for in the prefix cache")
                .register(registry);
        FunctionCounter.builder(
                        "lorikeet.prefix.cache.hits", engine, e -> e.stats().prefixHitTokens())
                .description("Tokens of system prompts that were found there, and not run again")
                .register(registry);
        FunctionCounter.builder("lorikeet.draft.tokens", engine, e -> e.stats().draftTokens())
                .description("Guesses of what comes next that decode steps have checked")
                .register(registry);
        FunctionCounter.builder(
                        "lorikeet.draft.tokens.accepted", engine, e -> e.stats().acceptedTokens())
                .description("Guesses that held, each of which saved a step")
                .register(registry);
        // all at 0 from the beginning, so that the first one is an increase
        meters(BASE);
    }

    /** The figures of what was asked last; others' are taken back. */
    private <K, V> Map<K, V> bounded(Function<V, ? extends Collection<? extends Meter>> meters) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                if (size() <= MAX_VERSIONS) {
                    return false;
                }
                meters.apply(eldest.getValue()).forEach(registry::remove);
                return true;
            }
        };
    }

    /** A request has come, for this adapter or the base model. */
    public RequestTimes arrived(Optional<String> adapter) {
        return new RequestTimes(this, adapter);
    }

    synchronized Meters meters(AdapterVersion adapter) {
        return byVersion.computeIfAbsent(adapter, this::create);
    }

    /** A request was not answered: its own fault, or for want of room or time. */
    public synchronized void refused(Optional<String> adapter, RequestException.Kind kind) {
        // whoever asks may make up any number of names
        var name = adapter.filter(this::isServed).orElse(BASE.name());
        refusals(name).get(kind).increment();
    }

    private boolean isServed(String adapter) {
        return engine.adapters().stream().anyMatch(version -> version.name().equals(adapter));
    }

    /** A version has said its first words to somebody. */
    void said(AdapterVersion adapter) {
        adapters.said(adapter);
    }

    static void record(Timer timer, long nanos) {
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private static String label(Enum<?> reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    private Meters create(AdapterVersion key) {
        refusals(key.name());
        var tags = Tags.of("adapter", key.name(), "version", key.version());
        return new Meters(
                timer("lorikeet.request.queue.time", "From arrival to the first prefill", tags, REQUEST_BUCKETS),
                timer("lorikeet.time.to.first.token", "From arrival to the first text", tags, REQUEST_BUCKETS),
                timer("lorikeet.inter.token.latency", "Between two pieces of text of an answer", tags, TOKEN_BUCKETS),
                timer("lorikeet.e2e.request.latency", "From arrival to the last token", tags, REQUEST_BUCKETS),
                counter("lorikeet.prompt.tokens", "Tokens of prompts", tags),
                counter("lorikeet.generation.tokens", "Tokens generated", tags),
                Stream.concat(Arrays.stream(FinishReason.values()).map(RequestMetrics::label), Stream.of(ERROR))
                        .collect(Collectors.toMap(
                                Function.identity(),
                                reason -> counter(
                                        "lorikeet.requests.finished",
                                        "Requests that ended, by reason",
                                        tags.and("finished_reason", reason)))));
    }

    private Map<RequestException.Kind, Counter> refusals(String adapter) {
        return refusals.computeIfAbsent(adapter, _ -> Arrays.stream(RequestException.Kind.values())
                .collect(Collectors.toMap(
                        Function.identity(),
                        kind -> counter(
                                "lorikeet.requests.refused",
                                "Requests that were not answered, or not to the end, by reason",
                                Tags.of("adapter", adapter, "reason", label(kind))))));
    }

    private Timer timer(String name, String description, Tags tags, Duration[] buckets) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private Counter counter(String name, String description, Tags tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private static Duration[] millis(long... values) {
        return Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
