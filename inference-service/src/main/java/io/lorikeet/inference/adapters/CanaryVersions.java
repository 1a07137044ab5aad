package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.generation.InferenceEngine;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The canary of each name, which gateways ask for a share of its requests: taken in when the topic names it, before anybody asks,
 * and kept until the topic names it no more. Gateways ask for it by its version, so nothing is flipped here.
 */
final class CanaryVersions {
    private static final Logger LOG = Logger.getLogger(CanaryVersions.class);

    private final InferenceEngine engine;
    private final Function<CheckpointEvent, CompletableFuture<Void>> take;
    private final Retry retry;
    private final SwapListener listener;
    private final Executor executor;
    private final Map<String, CheckpointEvent> wanted = new ConcurrentHashMap<>();
    private final Map<String, Rejection> rejections = new ConcurrentHashMap<>();

    /** @param take takes a version in beside what is served */
    CanaryVersions(
            InferenceEngine engine,
            Function<CheckpointEvent, CompletableFuture<Void>> take,
            Retry retry,
            SwapListener listener,
            Executor executor) {
        this.engine = engine;
        this.take = take;
        this.retry = retry;
        this.listener = listener;
        this.executor = executor;
    }

    /** Takes what a name is to have from now on; empty: none. */
    void follow(String adapter, Optional<CheckpointEvent> canary) {
        var before = wanted.get(adapter);
        if (canary.isPresent() && canary.get().equals(before)) {
            return; // another share
        }
        rejections.remove(adapter);
        engine.keep(adapter, canary.map(CheckpointEvent::version));
        canary.ifPresentOrElse(event -> wanted.put(adapter, event), () -> wanted.remove(adapter));
        canary.ifPresent(event -> take(event, 1));
    }

    /** The canary that requests get who name it. */
    Optional<String> held(String adapter) {
        return Optional.ofNullable(wanted.get(adapter))
                .map(CheckpointEvent::version)
                .filter(version -> engine.holds(adapter, version));
    }

    /** Those that could not be taken in. */
    Collection<Rejection> rejections() {
        return rejections.values();
    }

    private void take(CheckpointEvent event, int attempt) {
        if (!event.equals(wanted.get(event.adapter()))) {
            return; // the topic has gone on
        }
        var _ = take.apply(event).whenComplete((_, failure) -> {
            if (failure == null) {
                LOG.infof("adapter %s: version %s is its canary", event.adapter(), event.version());
            } else {
                failed(event, attempt, failure instanceof CompletionException e ? e.getCause() : failure);
            }
        });
    }

    private void failed(CheckpointEvent event, int attempt, Throwable failure) {
        var refused = failure instanceof AdapterRejectedException rejected
                ? rejected
                : new AdapterRejectedException(RejectionReason.ENGINE_FAILED, failure.toString(), failure);
        if (retry.goesOn(attempt, refused)) {
            var later = CompletableFuture.delayedExecutor(
                    retry.delayAfter(attempt).toMillis(), TimeUnit.MILLISECONDS, executor);
            later.execute(() -> take(event, attempt + 1));
            return;
        }
        LOG.warnf(
                "adapter %s: canary %s rejected (%s): %s",
                event.adapter(), event.version(), refused.reason(), refused.getMessage());
        var rejection = Rejection.of(event, refused);
        rejections.put(event.adapter(), rejection);
        listener.rejected(rejection);
    }
}
