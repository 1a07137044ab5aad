package io.lorikeet.trainer.run;

import io.lorikeet.engine.training.PreparedBatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Packs the batch of the next step while the step before it runs. */
final class Prefetch implements AutoCloseable {
    private final IntFunction<PreparedBatch> batches;
    private final int steps;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("batch-prefetch").daemon().factory());
    private int ahead;
    private Future<PreparedBatch> next;

    /**
     * Begins with the first batch.
     *
     * @param batches the packed batch of a step, 0-based; asked in the order of the steps, on a thread of its own
     * @param steps how many there are
     */
    Prefetch(IntFunction<PreparedBatch> batches, int first, int steps) {
        this.batches = batches;
        this.steps = steps;
        this.ahead = first;
        advance();
    }

    /** The packed batch of the next step. */
    PreparedBatch take() {
        try {
            PreparedBatch batch = next.get();
            advance();
            return batch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a batch was packed", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private void advance() {
        if (ahead < steps) {
            int step = ahead++;
            next = worker.submit(() -> batches.apply(step));
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
