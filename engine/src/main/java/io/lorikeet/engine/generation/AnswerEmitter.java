package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.LogContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns one answer's tokens into text up to a stop string, and tells the listener as it grows. */
final class AnswerEmitter {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerEmitter.class);

    private final Optional<AdapterVersion> version;
    private final TextDecoder decoder;
    private final StopStrings text;
    private final TokenListener listener;
    private final Runnable cancel;
    private final Map<String, String> logContext;
    private final StringBuilder answer = new StringBuilder();
    /** Of tokens whose text has not been emitted yet. */
    private final List<TokenLogprobs> logprobs = new ArrayList<>();

    /**
     * Keeps the log context of the thread that makes it.
     *
     * @param version that answers; none: the base model
     * @param cancel is called when the listener fails
     */
    AnswerEmitter(
            Optional<AdapterVersion> version,
            TextDecoder decoder,
            List<String> stop,
            TokenListener listener,
            Runnable cancel) {
        this.version = version;
        this.decoder = decoder;
        this.text = new StopStrings(stop);
        this.listener = listener;
        this.cancel = cancel;
        this.logContext = version.map(served -> LogContext.with(LogContext.current(), served.name(), served.version()))
                .orElseGet(LogContext::current);
    }

    void started() {
        tell(() -> listener.started(version));
    }

    /** Goes out with the next text. */
    void keep(TokenLogprobs of) {
        logprobs.add(of);
    }

    /** Emits the text that is certain after one more token; whether a stop string has ended the answer. */
    boolean emit(int token) {
        String delta = text.push(decoder.push(token));
        if (!delta.isEmpty()) {
            emit(delta);
        }
        return text.isStopped();
    }

    private void emit(String delta) {
        answer.append(delta);
        List<TokenLogprobs> emitted = List.copyOf(logprobs);
        logprobs.clear();
        tell(() -> listener.delta(delta, emitted));
    }

    /** Emits what was held back, and the whole. */
    void finish(int promptTokens, List<Integer> generated, FinishReason reason) {
        String rest = "";
        if (!text.isStopped()) {
            rest = text.push(decoder.finish()) + text.finish();
        }
        if (!rest.isEmpty() || !logprobs.isEmpty()) {
            emit(rest);
        }
        var result = new GenerationResult(answer.toString(), version, promptTokens, generated, reason);
        tell(() -> listener.finished(result));
    }

    void fail(EngineException error) {
        tell(() -> listener.failed(error));
    }

    /** A listener that fails ends its own request, and nobody else's. */
    private void tell(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            try (var _ = LogContext.of(logContext)) {
                LOG.warn("a listener failed; its request is cancelled", e);
            }
            cancel.run();
        }
    }
}
