package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its way through the scheduler: its prompt, what it has said, and when it must end. */
final class Sequence {
    private static final Logger LOG = LoggerFactory.getLogger(Sequence.class);

    private final int[] prompt;
    private final SamplingParams sampling;
    private final Optional<ResidentAdapter> adapter;
    private final Set<Integer> stopTokens;
    private final int maxNewTokens;
    private final TextDecoder decoder;
    private final StopStrings text;
    private final TokenListener listener;
    private final StringBuilder answer = new StringBuilder();
    private final List<Integer> generated = new ArrayList<>();
    private volatile boolean cancelled;

    /** {@code maxNewTokens}: what the request allows and the model has room for. */
    Sequence(
            int[] prompt,
            SamplingParams sampling,
            Optional<ResidentAdapter> adapter,
            Set<Integer> stopTokens,
            int maxNewTokens,
            TextDecoder decoder,
            TokenListener listener) {
        this.prompt = prompt;
        this.sampling = sampling;
        this.adapter = adapter;
        this.stopTokens = stopTokens;
        this.maxNewTokens = maxNewTokens;
        this.decoder = decoder;
        this.text = new StopStrings(sampling.stop());
        this.listener = listener;
    }

    int[] prompt() {
        return prompt;
    }

    SamplingParams sampling() {
        return sampling;
    }

    Optional<ResidentAdapter> adapter() {
        return adapter;
    }

    /** Cached positions after the next decode step. */
    int nextLength() {
        return prompt.length + generated.size();
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    void started() {
        tell(() -> listener.started(version()));
    }

    /** Takes a new token; says whether and why the answer ends with it. */
    Optional<FinishReason> accept(int token) {
        generated.add(token);
        if (stopTokens.contains(token)) {
            return Optional.of(FinishReason.STOP);
        }
        say(text.push(decoder.push(token)));
        if (text.isStopped()) {
            return Optional.of(FinishReason.STOP);
        }
        return generated.size() >= maxNewTokens ? Optional.of(FinishReason.LENGTH) : Optional.empty();
    }

    void finish(FinishReason reason) {
        if (!text.isStopped()) {
            say(text.push(decoder.finish()));
            say(text.finish());
        }
        var result = new GenerationResult(answer.toString(), version(), prompt.length, generated, reason);
        tell(() -> listener.finished(result));
    }

    void fail(EngineException error) {
        tell(() -> listener.failed(error));
    }

    private void say(String delta) {
        if (!delta.isEmpty()) {
            answer.append(delta);
            tell(() -> listener.delta(delta));
        }
    }

    /** A listener that fails ends its own request, and nobody else's. */
    private void tell(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            LOG.warn("a listener failed; its request is cancelled", e);
            cancel();
        }
    }

    private Optional<AdapterVersion> version() {
        return adapter.map(ResidentAdapter::version);
    }
}
