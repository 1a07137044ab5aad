package io.lorikeet.inference.api;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.FinishReason;
import io.lorikeet.engine.generation.GenerationHandle;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.TokenListener;
import io.lorikeet.inference.metrics.RequestTimes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A request in the engine. The engine's thread only takes the time and queues what it has to say; the request's own thread
 * takes it out. Closing it, at any time and from any thread, frees its place in the engine.
 */
final class Answer implements AutoCloseable {
    /** What the engine says. */
    sealed interface Piece {
        /** The request runs, pinned to an adapter version, or on the base model. */
        record Started(Optional<AdapterVersion> adapter) implements Piece {}

        /** Further text, never half a character. */
        record Delta(String text) implements Piece {}

        /** The answer has ended. */
        record Finished(GenerationResult result) implements Piece {}

        /** There will be no answer. */
        record Failed(EngineException cause) implements Piece {}
    }

    /** The engine's side. */
    private record Listener(RequestTimes times, BlockingQueue<Piece> pieces) implements TokenListener {
        @Override
        public void started(Optional<AdapterVersion> adapter) {
            times.started(adapter);
            pieces.add(new Piece.Started(adapter));
        }

        @Override
        public void delta(String text) {
            times.text();
            pieces.add(new Piece.Delta(text));
        }

        @Override
        public void finished(GenerationResult result) {
            times.finished(result);
            pieces.add(new Piece.Finished(result));
        }

        @Override
        public void failed(EngineException error) {
            times.failed();
            pieces.add(new Piece.Failed(error));
        }
    }

    /** Puts the request into the engine. */
    interface Submission {
        GenerationHandle submit(TokenListener listener);
    }

    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private final GenerationHandle handle;
    private final Duration timeout;
    private final long deadline;

    Answer(Submission submission, RequestTimes times, Duration timeout) {
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
        this.handle = submission.submit(new Listener(times, pieces));
    }

    /**
     * Waits for what comes next.
     *
     * @throws ApiException 504 when the request has taken too long, 499 when its client has gone
     */
    Piece next() throws InterruptedException {
        var piece = pieces.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (piece == null) {
            close();
            throw ApiException.tooLate(timeout);
        }
        if (piece instanceof Piece.Finished(var result) && result.finishReason() == FinishReason.CANCELLED) {
            throw ApiException.clientGone();
        }
        return piece;
    }

    @Override
    public void close() {
        handle.cancel();
    }
}
