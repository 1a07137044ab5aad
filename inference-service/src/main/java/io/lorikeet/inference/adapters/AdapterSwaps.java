package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.Canary;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.inference.InferenceConfig;
import io.lorikeet.inference.ServedModel;
import io.lorikeet.store.AdapterStore;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.s3.S3Client;

/** All adapter names, each on its own {@link AdapterTrack}; loading happens on virtual threads beside the engine's. */
@ApplicationScoped
public class AdapterSwaps {
    /** Names that are remembered: those served, and the last word on others as long as there are not too many. */
    static final int MAX_TRACKS = 1024;

    private final Map<String, AdapterTrack> tracks = new ConcurrentSkipListMap<>();
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("adapter-swap-", 0).factory());
    private final CheckpointLoader loader;
    private final InferenceEngine engine;
    private final Retry retry;
    private final SwapListener listener;
    private final AddressedVersions addressed;
    private final CanaryVersions canaries;

    @Inject
    AdapterSwaps(
            InferenceConfig config,
            Instance<S3Client> s3,
            InferenceEngine engine,
            ServedModel base,
            SwapListener listener) {
        this(loader(config, s3, engine, base), engine, retry(config.swap()), listener);
    }

    AdapterSwaps(CheckpointLoader loader, InferenceEngine engine, Retry retry, SwapListener listener) {
        this.loader = loader;
        this.engine = engine;
        this.retry = retry;
        this.listener = listener;
        this.addressed =
                new AddressedVersions(loader, engine, adapter -> track(adapter).known(), executor);
        this.canaries = new CanaryVersions(engine, addressed::take, retry, listener, executor);
    }

    private static CheckpointLoader loader(
            InferenceConfig config, Instance<S3Client> s3, InferenceEngine engine, ServedModel base) {
        var swap = config.swap();
        var store = AdapterStore.open(
                config.adaptersStore(),
                config.adaptersRoot(),
                config.adaptersCacheSize().asLongValue(),
                s3::get);
        var files = new AdapterFiles(store, swap.maxFileSize().asLongValue());
        return new CheckpointLoader(
                files,
                base,
                engine.config(),
                OtherFormats.of(config.adaptersOfOtherFormats()),
                swap.maxConcurrentLoads());
    }

    private static Retry retry(InferenceConfig.Swap swap) {
        return new Retry(swap.attempts(), swap.firstDelay(), swap.maxDelay());
    }

    /** Carries out a change, after those of the same name that came before it. */
    void apply(Change change) {
        track(change.adapter()).apply(change);
        switch (change) {
            case Change.Serve(var event) -> canaries.follow(event.adapter(), canary(event));
            case Change.Retire(var adapter) -> canaries.follow(adapter, Optional.empty());
            case Change.Refuse _ -> {}
        }
    }

    private static Optional<CheckpointEvent> canary(CheckpointEvent event) {
        return Optional.ofNullable(event.canary()).map(Canary::checkpoint);
    }

    /** See {@link AdapterTrack#restore}. */
    AdapterTrack.Restoration restore(String adapter, List<CheckpointEvent> newestFirst, Optional<Rejection> refused) {
        var restoration = track(adapter).restore(newestFirst, refused);
        newestFirst.stream().findFirst().ifPresent(event -> canaries.follow(adapter, canary(event)));
        return restoration;
    }

    /** See {@link AddressedVersions#take}. */
    CompletableFuture<Void> take(CheckpointEvent event) {
        return addressed.take(event);
    }

    /** Versions on their way in, by adapter name. */
    public List<Loading> loading() {
        return tracks.values().stream()
                .map(AdapterTrack::loading)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The canary of a name that requests get who name it. */
    Optional<String> canary(String adapter) {
        return canaries.held(adapter);
    }

    /** What each adapter name was last refused, by adapter name; and its canary, if that was. */
    public List<Rejection> rejections() {
        var served = tracks.values().stream().map(AdapterTrack::rejection).filter(Objects::nonNull);
        return Stream.concat(served, canaries.rejections().stream()).toList();
    }

    private AdapterTrack track(String adapter) {
        if (tracks.size() >= MAX_TRACKS && !tracks.containsKey(adapter)) {
            tracks.values().removeIf(AdapterTrack::isForgettable);
        }
        return tracks.computeIfAbsent(
                adapter, name -> new AdapterTrack(name, loader, engine, retry, listener, executor));
    }

    @PreDestroy
    void stop() {
        executor.shutdownNow();
    }
}
