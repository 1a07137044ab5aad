package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.Schedule.Ended;
import io.lorikeet.engine.grammar.Constraint;
import io.lorikeet.engine.grammar.TokenMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One answer on its way through the scheduler: its prompt, its tokens, its cache slot, and when it must end. */
final class Sequence {
    private static final int NO_SLOT = -1;

    private enum Status {
        WAITING,
        RUNNING,
        ENDED
    }

    private final PromptTokens prompt;
    private final SamplingParams sampling;
    private final Optional<ServedVersion> adapter;
    private final Set<Integer> stopTokens;
    private final int maxNewTokens;
    private final TimeLimits limits;
    private final Optional<Constraint> constraint;
    private final AnswerEmitter emitter;
    private final List<Integer> generated = new ArrayList<>();
    private Status status = Status.WAITING;
    private int slot = NO_SLOT;
    private int prefilled;
    private volatile boolean cancelled;

    /**
     * Made on the thread of whoever asks, whose log context it keeps.
     *
     * @param constraint that its grammar makes; none: it may say anything
     * @param maxNewTokens what the request allows and the model has room for
     */
    Sequence(
            PromptTokens prompt,
            SamplingParams sampling,
            Optional<Constraint> constraint,
            Optional<ServedVersion> adapter,
            Set<Integer> stopTokens,
            int maxNewTokens,
            TimeLimits limits,
            TextDecoder decoder,
            TokenListener listener) {
        this.prompt = prompt;
        this.sampling = sampling;
        this.constraint = constraint;
        this.adapter = adapter;
        this.stopTokens = stopTokens;
        this.maxNewTokens = maxNewTokens;
        this.limits = limits;
        this.emitter = new AnswerEmitter(
                adapter.map(ServedVersion::version), decoder, sampling.stop(), listener, this::cancel);
    }

    PromptTokens prompt() {
        return prompt;
    }

    SamplingParams sampling() {
        return sampling;
    }

    /** The tokens that it may go on with; none: all. */
    Optional<TokenMask> allowed() {
        return constraint.map(Constraint::mask);
    }

    Optional<ServedVersion> adapter() {
        return adapter;
    }

    /** Whose prefixes it may begin with: those of this very activation of its adapter version. */
    long owner() {
        return adapter.map(ServedVersion::id).orElse(PrefixCache.BASE);
    }

    /** Begins in a cache slot. */
    void runIn(int free) {
        slot = free;
        status = Status.RUNNING;
    }

    /** Takes part in no further step. */
    void end() {
        status = Status.ENDED;
    }

    boolean isRunning() {
        return status == Status.RUNNING;
    }

    /** Whether it has or had a cache slot. */
    boolean hasSlot() {
        return slot != NO_SLOT;
    }

    /** Its cache slot; once it has ended, the one that it had. */
    int slot() {
        return slot;
    }

    /** Tokens of the prompt that have been run, or are in this step. */
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

    /** On any thread: ends it with the next step. */
    void cancel() {
        cancelled = true;
    }

    /** Whether and why it must end now, complete or not. */
    Optional<Ended> mustEnd(long now) {
        return cancelled
                ? Optional.of(new Ended(this, Optional.empty()))
                : limits.exceeded(status == Status.WAITING, now).map(error -> new Ended(this, Optional.of(error)));
    }

    void started() {
        emitter.started();
    }

    /**
     * Takes a new token, to be emitted with {@link #emit}; whether it is the last, as far as tokens say.
     *
     * @throws io.lorikeet.engine.EngineException if its constraint allows none
     */
    boolean take(SampledToken token) {
        constraint.ifPresent(of -> of.accept(token.id()));
        generated.add(token.id());
        if (stopTokens.contains(token.id())) {
            return true;
        }
        token.logprobs().ifPresent(emitter::keep);
        return generated.size() >= maxNewTokens;
    }

    /** Emits what the token taken last adds; says whether and why the answer ends with it. */
    Optional<FinishReason> emit() {
        int token = generated.getLast();
        if (stopTokens.contains(token) || emitter.emit(token)) {
            return Optional.of(FinishReason.STOP);
        }
        return generated.size() >= maxNewTokens ? Optional.of(FinishReason.LENGTH) : Optional.empty();
    }

    void finish(FinishReason reason) {
        emitter.finish(prompt.length(), generated, reason);
    }

    void fail(EngineException error) {
        emitter.fail(error);
    }
}
