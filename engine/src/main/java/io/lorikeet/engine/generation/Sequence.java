package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.Schedule.Ended;
import io.lorikeet.engine.grammar.Constraint;
import io.lorikeet.engine.grammar.TokenMask;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
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
    /** The last of these, not yet emitted. */
    private final Deque<SampledToken> taken = new ArrayDeque<>();

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

    /** The same, then the tokens that may come after each of a draft's, all of which can come. */
    Optional<List<TokenMask>> allowed(int[] draft) {
        return constraint.map(of -> of.masks(draft));
    }

    /** What of a draft it may say, without ending the answer. */
    int[] possible(int[] draft) {
        int length = 0;
        while (length < draft.length && !stopTokens.contains(draft[length])) {
            length++;
        }
        int[] going = Arrays.copyOf(draft, length);
        return constraint
                .map(of -> Arrays.copyOf(going, of.masks(going).size() - 1))
                .orElse(going);
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

    /** Tokens that its answer may still have. */
    int remaining() {
        return maxNewTokens - generated.size();
    }

    /** Prompt and answer so far. */
    int[] tokens() {
        int[] tokens = Arrays.copyOf(prompt.ids(), nextLength());
        for (int i = 0; i < generated.size(); i++) {
            tokens[prompt.length() + i] = generated.get(i);
        }
        return tokens;
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
        taken.add(token);
        return stopTokens.contains(token.id()) || remaining() == 0;
    }

    /**
     * Emits what the tokens taken since add; says whether and why the answer ends with one of them, and forgets those after
     * it.
     */
    Optional<FinishReason> emit() {
        while (!taken.isEmpty()) {
            SampledToken token = taken.remove();
            if (stopTokens.contains(token.id()) || emits(token)) {
                generated.subList(emitted(), generated.size()).clear();
                taken.clear();
                return Optional.of(FinishReason.STOP);
            }
        }
        return remaining() == 0 ? Optional.of(FinishReason.LENGTH) : Optional.empty();
    }

    private boolean emits(SampledToken token) {
        token.logprobs().ifPresent(emitter::keep);
        return emitter.emit(token.id());
    }

    /** Tokens of the answer that have been emitted. */
    int emitted() {
        return generated.size() - taken.size();
    }

    void finish(FinishReason reason) {
        emitter.finish(prompt.length(), generated, reason);
    }

    void fail(EngineException error) {
        emitter.fail(error);
    }
}
