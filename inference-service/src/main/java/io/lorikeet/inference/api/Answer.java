package io.lorikeet.inference.api;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.FinishReason;
import io.lorikeet.engine.generation.GenerationHandle;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.TokenListener;
import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.http.ApiException;
import io.lorikeet.inference.metrics.RequestTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A request in the engine, with all its choices. The engine's thread only takes the time and queues what it has to say;
 * the request's own thread takes it out. Closing it, at any time and from any thread, frees its places in the engine.
 */
final class Answer implements AutoCloseable {
    /** The engine keeps the time limit itself; this much later it is taken for dead. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** What the engine says. */
    sealed interface Piece {
        /** A choice runs, pinned to an adapter version, or on the base model. */
        record Started(int choice, Optional<AdapterVersion> adapter) implements Piece {}

        /** Further text, never half a character. */
        record Delta(int choice, String text, List<TokenLogprobs> logprobs) implements Piece {}

        /** A choice has ended. */
        record Finished(int choice, GenerationResult result) implements Piece {}

        /** There will be no answer. */
        record Failed(EngineException cause) implements Piece {}
    }

    /** The engine's side of one choice. */
    private record Listener(int choice, RequestTimes times, BlockingQueue<Piece> pieces) implements TokenListener {
        @Override
        public void started(Optional<AdapterVersion> adapter) {
            times.started(adapter);
            pieces.add(new Piece.Started(choice, adapter));
        }

        @Override
        public void delta(String text, List<TokenLogprobs> logprobs) {
            times.text();
            pieces.add(new Piece.Delta(choice, text, logprobs));
        }

        @Override
        public void finished(GenerationResult result) {
            times.finished(result);
            pieces.add(new Piece.Finished(choice, result));
        }

        @Override
        public void failed(EngineException error) {
            times.failed(error);
            pieces.add(new Piece.Failed(error));
        }
    }

    /** Puts the request into the engine. */
    interface Submission {
        GenerationHandle submit(List<TokenListener> listeners);
    }

    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private final GenerationHandle handle;
    private final Duration timeout;
    private final long deadline;

    Answer(int choices, Duration timeout, Supplier<RequestTimes> clock, Submission submission) {
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.plus(GRACE).toNanos();
        var listeners = new ArrayList<TokenListener>();
        for (int choice = 0; choice < choices; choice++) {
            listeners.add(new Listener(choice, clock.get(), pieces));
        }
        this.handle = submission.submit(listeners);
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
            throw ApiException.timeout("The engine has not answered within " + timeout.toSeconds() + " s", null);
        }
        if (piece instanceof Piece.Finished finished && finished.result().finishReason() == FinishReason.CANCELLED) {
            throw ApiException.clientGone();
        }
        return piece;
    }

    @Override
    public void close() {
        handle.cancel();
    }
}
