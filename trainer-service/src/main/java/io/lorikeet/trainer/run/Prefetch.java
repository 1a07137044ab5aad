package io.lorikeet.trainer.run;

import io.lorikeet.engine.training.PreparedBatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Makes the window of the next step while the step before it runs. */
final class Prefetch implements AutoCloseable {
    private final IntFunction<PreparedBatch> windows;
    private final int steps;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("window-prefetch").daemon().factory());
    private int ahead;
    private Future<PreparedBatch> next;

    /**
     * Begins with the first window.
     *
     * @param windows the window of a step, 0-based; asked in the order of the steps, on a thread of its own
     * @param steps how many there are
     */
    Prefetch(IntFunction<PreparedBatch> windows, int first, int steps) {
        this.windows = windows;
        this.steps = steps;
        this.ahead = first;
        advance();
    }

    /** The window of the next step. */
    PreparedBatch take() {
        try {
            PreparedBatch window = next.get();
            advance();
            return window;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a window was packed", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private void advance() {
        if (ahead < steps) {
            int step = ahead++;
            next = worker.submit(() -> windows.apply(step));
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
