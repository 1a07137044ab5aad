package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.ENGINE_FAILED;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.LogContext;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.generation.InferenceEngine;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/**
 * One adapter name and the changes to it, carried out one after the other in the order of the topic. Each name has its
 * own track, so a checkpoint that is late or broken holds up nobody but its own name.
 */
final class AdapterTrack {
    private static final Logger LOG = Logger.getLogger(AdapterTrack.class);

    private final String adapter;
    private final CheckpointLoader loader;
    private final InferenceEngine engine;
    private final Retry retry;
    private final SwapListener listener;
    private final Executor executor;
    private final KnownVersions known = new KnownVersions();

    // guarded by this: the queue
    private CompletableFuture<Void> tail = CompletableFuture.completedFuture(null);
    private int queued;

    // touched by the running change alone
    private volatile String current;
    private volatile boolean restoring;

    private volatile Loading loading;
    private volatile Rejection rejection;

    AdapterTrack(
            String adapter,
            CheckpointLoader loader,
            InferenceEngine engine,
            Retry retry,
            SwapListener listener,
            Executor executor) {
        this.adapter = adapter;
        this.loader = loader;
        this.engine = engine;
        this.retry = retry;
        this.listener = listener;
        this.executor = executor;
    }

    /** What its versions hold. */
    KnownVersions known() {
        return known;
    }

    /** The version on its way in; null if none is. */
    Loading loading() {
        return loading;
    }

    /** What was refused last, unless something newer has settled since; null if nothing was. */
    Rejection rejection() {
        return rejection;
    }

    /** Whether nothing of this name is served or on its way; what was refused of it can be found in the log. */
    synchronized boolean isForgettable() {
        return queued == 0 && current == null;
    }

    /** Puts a change behind those already queued; what waits for late files gives way to it. */
    void apply(Change change) {
        var received = System.nanoTime();
        var _ =
                switch (change) {
                    case Change.Serve(var event) ->
                        enqueue(event.version(), () -> serve(event, received, List.of(), new CompletableFuture<>()));
                    case Change.Retire _ -> enqueue(null, this::retire);
                    case Change.Refuse(var refused) -> enqueue(refused.version(), () -> reject(refused));
                };
    }

    /**
     * Puts the newest of what the topic holds of this name in service. If it cannot be, or not yet, an older one is
     * served as it would be by a replica that has run all along.
     *
     * @param refused what came last, if that could not be read
     */
    Restoration restore(List<CheckpointEvent> newestFirst, Optional<Rejection> refused) {
        var received = System.nanoTime();
        var settled = new CompletableFuture<Void>();
        restoring = true;
        var version = newestFirst.isEmpty() ? null : newestFirst.getFirst().version();
        var done = enqueue(version, () -> {
            try {
                if (!newestFirst.isEmpty()) {
                    serve(newestFirst.getFirst(), received, newestFirst.subList(1, newestFirst.size()), settled);
                }
                refused.ifPresent(this::reject);
            } finally {
                settled.complete(null);
                restoring = false;
            }
        });
        return new Restoration(settled, done);
    }

    /**
     * A name at the start of a replica.
     *
     * @param settled completes when one of its versions is served, or all have been tried once
     * @param done completes when its newest version is served or refused for good
     */
    record Restoration(CompletableFuture<Void> settled, CompletableFuture<Void> done) {}

    /** @param version what its log lines are about, null for none */
    private synchronized CompletableFuture<Void> enqueue(String version, Task task) {
        queued++;
        notifyAll();
        var trace = Context.current();
        tail = tail.handleAsync(
                (_, _) -> {
                    try (var _ = LogContext.of(adapter, version);
                            var _ = trace.makeCurrent()) {
                        run(task);
                    }
                    return null;
                },
                executor);
        return tail;
    }

    private interface Task {
        void run() throws InterruptedException;
    }

    private void run(Task task) {
        try {
            task.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.errorf(e, "adapter %s: a change failed", adapter);
        } finally {
            loading = null;
            synchronized (this) {
                queued--;
            }
        }
    }

    private void serve(
            CheckpointEvent event, long received, List<CheckpointEvent> fallbacks, CompletableFuture<Void> settled)
            throws InterruptedException {
        try {
            for (int attempt = 1; ; attempt++) {
                loading = new Loading(adapter, event.version(), null);
                try {
                    activate(event, received);
                    rejection = null;
                    return;
                } catch (AdapterRejectedException e) {
                    // while the store does not answer nobody knows what can be served, so a replica that starts waits
                    if (!e.storeAway() && !settled.isDone()) {
                        activateFirstOf(fallbacks, received);
                        settled.complete(null);
                    }
                    if (!retry.goesOn(attempt, e)) {
                        reject(event, e);
                        return;
                    }
                    loading = new Loading(
                            adapter,
                            event.version(),
                            e.storeAway()
                                    ? "attempt %d: %s".formatted(attempt, e.getMessage())
                                    : "attempt %d of %d: %s".formatted(attempt, retry.attempts(), e.getMessage()));
                    LOG.infof("adapter %s: version %s waits, %s", adapter, event.version(), loading.detail());
                    if (newerCameWithin(retry.delayAfter(attempt))) {
                        reject(event, e);
                        return;
                    }
                }
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.errorf(e, "adapter %s: version %s failed", adapter, event.version());
            reject(event, new AdapterRejectedException(ENGINE_FAILED, e.toString(), e));
        } finally {
            settled.complete(null);
        }
    }

    private void activateFirstOf(List<CheckpointEvent> fallbacks, long received) throws InterruptedException {
        for (var event : fallbacks) {
            try (var _ = LogContext.of(adapter, event.version())) {
                if (activatesOlder(event, received)) {
                    return;
                }
            }
        }
    }

    private boolean activatesOlder(CheckpointEvent event, long received) throws InterruptedException {
        try {
            activate(event, received);
            return true;
        } catch (AdapterRejectedException e) {
            LOG.infof(
                    "adapter %s: nor can its older version %s be served, %s", adapter, event.version(), e.getMessage());
            return false;
        }
    }

    private void activate(CheckpointEvent event, long received) throws InterruptedException {
        known.requireSame(event);
        if (event.version().equals(current)) {
            return; // a duplicate
        }
        var weights = loader.load(event);
        listener.loading(adapter, event.version(), Duration.ofNanos(System.nanoTime() - received));
        try {
            engine.activate(
                            adapter,
                            event.version(),
                            weights,
                            Optional.ofNullable(event.system()),
                            KnownAnswers.of(event))
                    .join();
        } catch (CompletionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw cause instanceof AdapterException refusal
                    ? new AdapterRejectedException(refusal)
                    : new AdapterRejectedException(ENGINE_FAILED, cause.toString(), cause);
        }
        known.remember(event);
        var previous = current;
        current = event.version();
        var took = Duration.ofNanos(System.nanoTime() - received);
        LOG.infof(
                "adapter %s: serves version %s, before %s, swapped in %d ms",
                adapter, current, previous == null ? "none" : previous, took.toMillis());
        listener.swapped(adapter, current, took);
    }

    private void retire() {
        engine.retire(adapter).join();
        LOG.infof("adapter %s: retired, before %s", adapter, current == null ? "none" : current);
        current = null;
        rejection = null;
        listener.retired(adapter);
    }

    private void reject(CheckpointEvent event, AdapterRejectedException e) {
        reject(Rejection.of(event, e));
    }

    private void reject(Rejection refused) {
        rejection = refused;
        // what a start refuses is told in one line for all names
        LOG.logf(
                restoring ? Logger.Level.DEBUG : Logger.Level.WARN,
                "adapter %s: version %s rejected (%s), %s goes on serving: %s",
                adapter,
                refused.version() == null ? "unnamed" : refused.version(),
                refused.reason(),
                current == null ? "no version" : current,
                refused.detail());
        listener.rejected(refused);
    }

    /** Waits, and says whether a newer change of this name has come meanwhile. */
    private synchronized boolean newerCameWithin(Duration delay) throws InterruptedException {
        var deadline = System.nanoTime() + delay.toNanos();
        while (queued == 1) {
            var left = Duration.ofNanos(deadline - System.nanoTime());
            if (!left.isPositive()) {
                return false;
            }
            wait(left.toMillis() + 1);
        }
        return true;
    }
}
