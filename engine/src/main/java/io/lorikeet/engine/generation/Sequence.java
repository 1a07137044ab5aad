package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.LogContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One answer on its way through the scheduler: its prompt, what it has said, and when it must end. */
final class Sequence {
    private static final Logger LOG = LoggerFactory.getLogger(Sequence.class);

    private final PromptTokens prompt;
    private final SamplingParams sampling;
    private final Optional<ServedVersion> adapter;
    private final Set<Integer> stopTokens;
    private final int maxNewTokens;
    private final TimeLimits limits;
    private final TextDecoder decoder;
    private final StopStrings text;
    private final TokenListener listener;
    private final Map<String, String> logContext;
    private final StringBuilder answer = new StringBuilder();
    private final List<Integer> generated = new ArrayList<>();
    private final List<TokenLogprobs> unsaid = new ArrayList<>();
    private int prefilled;
    private volatile boolean cancelled;

    /**
     * Made on the thread of whoever asks, whose log context it keeps.
     *
     * @param maxNewTokens what the request allows and the model has room for
     */
    Sequence(
            PromptTokens prompt,
            SamplingParams sampling,
            Optional<ServedVersion> adapter,
            Set<Integer> stopTokens,
            int maxNewTokens,
            TimeLimits limits,
            TextDecoder decoder,
            TokenListener listener) {
        this.prompt = prompt;
        this.sampling = sampling;
        this.adapter = adapter;
        this.stopTokens = stopTokens;
        this.maxNewTokens = maxNewTokens;
        this.limits = limits;
        this.decoder = decoder;
        this.text = new StopStrings(sampling.stop());
        this.listener = listener;
        this.logContext = adapter.map(ServedVersion::version)
                .map(served -> LogContext.with(LogContext.current(), served.name(), served.version()))
                .orElseGet(LogContext::current);
    }

    PromptTokens prompt() {
        return prompt;
    }

    SamplingParams sampling() {
        return sampling;
    }

    Optional<ServedVersion> adapter() {
        return adapter;
    }

    TimeLimits limits() {
        return limits;
    }

    /** Tokens of the prompt that have been run. */
    int prefilled() {
        return prefilled;
    }

    void prefilledTo(int position) {
        prefilled = position;
    }

    /** Whether the prompt has been run and the sequence takes part in the decode steps. */
    boolean isDecoding() {
        return prefilled == prompt.length();
    }

    /** Positions of the cache that it takes now. */
    int cached() {
        return isDecoding() ? nextLength() : prefilled;
    }

    /** Cached positions after the next decode step. */
    int nextLength() {
        return prompt.length() + generated.size();
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

    /** Takes a new token, of which the listener hears with {@link #tell}; whether it is the last, as far as tokens say. */
    boolean take(int token, Optional<TokenLogprobs> logprobs) {
        generated.add(token);
        if (stopTokens.contains(token)) {
            return true;
        }
        logprobs.ifPresent(unsaid::add);
        return generated.size() >= maxNewTokens;
    }

    /** Tells the listener what the token taken last adds; says whether and why the answer ends with it. */
    Optional<FinishReason> tell() {
        int token = generated.getLast();
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
        String rest = "";
        if (!text.isStopped()) {
            rest = text.push(decoder.finish()) + text.finish();
        }
        if (!rest.isEmpty() || !unsaid.isEmpty()) {
            tellDelta(rest);
        }
        var result = new GenerationResult(answer.toString(), version(), prompt.length(), generated, reason);
        tell(() -> listener.finished(result));
    }

    void fail(EngineException error) {
        tell(() -> listener.failed(error));
    }

    private void say(String delta) {
        if (!delta.isEmpty()) {
            tellDelta(delta);
        }
    }

    private void tellDelta(String delta) {
        answer.append(delta);
        List<TokenLogprobs> said = List.copyOf(unsaid);
        unsaid.clear();
        tell(() -> listener.delta(delta, said));
    }

    /** A listener that fails ends its own request, and nobody else's. */
    private void tell(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            try (var _ = LogContext.of(logContext)) {
                LOG.warn("a listener failed; its request is cancelled", e);
            }
            cancel();
        }
    }

    private Optional<AdapterVersion> version() {
        return adapter.map(ServedVersion::version);
    }
}
