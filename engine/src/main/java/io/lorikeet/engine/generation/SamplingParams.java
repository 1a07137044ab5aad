package io.lorikeet.engine.generation;

import io.lorikeet.engine.grammar.Grammar;
import io.lorikeet.engine.program.SlotSampling;
import io.lorikeet.engine.program.StepFlags;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 for greedy
 * @param topP in (0, 1]: the smallest set of tokens whose probability reaches it
 * @param topK the likeliest tokens only; 0 for all
 * @param minP in [0, 1]: tokens whose probability is at least this part of the likeliest's
 * @param maxNewTokens tokens of the answer at most
 * @param stop strings that end the answer and are not part of it
 * @param seed the same seed gives the same answer, whatever else runs; none: a new one each time
 * @param logprobs how many of the likeliest tokens to name for each token, 0 to 20; none: no log-probabilities
 * @param grammar what the answer has to be; none: anything
 */
public record SamplingParams(
        double temperature,
        double topP,
        int topK,
        double minP,
        Penalties penalties,
        int maxNewTokens,
        List<String> stop,
        OptionalLong seed,
        OptionalInt logprobs,
        Optional<Grammar> grammar) {
    /** Likeliest tokens that can be named. */
    public static final int MAX_LOGPROBS = 20;

    /** 2^64 divided by it: adding it spreads seeds as far apart as can be. */
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    public SamplingParams {
        stop = List.copyOf(stop);
        require(temperature >= 0 && temperature <= 2, "temperature", "a number from 0 to 2", temperature);
        require(topP > 0 && topP <= 1, "top_p", "a number above 0 and at most 1", topP);
        require(topK >= 0, "top_k", "0 (all) or more", topK);
        require(minP >= 0 && minP <= 1, "min_p", "a number from 0 to 1", minP);
        require(maxNewTokens >= 1, "max_tokens", "at least 1", maxNewTokens);
        require(stop.stream().noneMatch(String::isEmpty), "stop", "strings that are not empty", stop);
        int named = logprobs.orElse(0);
        require(named >= 0 && named <= MAX_LOGPROBS, "top_logprobs", "0 to " + MAX_LOGPROBS, named);
    }

    /** The likeliest token each time. */
    public static SamplingParams greedy(int maxNewTokens) {
        return drawn(0, maxNewTokens, OptionalLong.empty());
    }

    /** Drawn from all tokens. */
    public static SamplingParams drawn(double temperature, int maxNewTokens, OptionalLong seed) {
        return new SamplingParams(
                temperature,
                1,
                0,
                0,
                Penalties.NONE,
                maxNewTokens,
                List.of(),
                seed,
                OptionalInt.empty(),
                Optional.empty());
    }

    /** The same, limited to the likeliest tokens. */
    public SamplingParams limited(double newTopP, int newTopK, double newMinP) {
        return new SamplingParams(
                temperature, newTopP, newTopK, newMinP, penalties, maxNewTokens, stop, seed, logprobs, grammar);
    }

    /** The same with penalties. */
    public SamplingParams with(Penalties other) {
        return new SamplingParams(temperature, topP, topK, minP, other, maxNewTokens, stop, seed, logprobs, grammar);
    }

    /** The same with the log-probabilities of each token, and of so many of the likeliest. */
    public SamplingParams withLogprobs(int likeliest) {
        return new SamplingParams(
                temperature, topP, topK, minP, penalties, maxNewTokens, stop, seed, OptionalInt.of(likeliest), grammar);
    }

    /** The same for an answer that belongs to a grammar. */
    public SamplingParams constrained(Grammar language) {
        return new SamplingParams(
                temperature, topP, topK, minP, penalties, maxNewTokens, stop, seed, logprobs, Optional.of(language));
    }

    /** The same for one of several answers to a prompt: the first keeps the seed, the others have their own. */
    SamplingParams forAnswer(int number) {
        if (number == 0 || seed.isEmpty()) {
            return this;
        }
        var own = OptionalLong.of(seed.getAsLong() + number * GOLDEN_RATIO);
        return new SamplingParams(temperature, topP, topK, minP, penalties, maxNewTokens, stop, own, logprobs, grammar);
    }

    boolean samples() {
        return temperature > 0;
    }

    boolean penalizes() {
        return !penalties.equals(Penalties.NONE);
    }

    /** What a step must do for a sequence with these. */
    StepFlags flags() {
        boolean truncates = samples() && (topK > 0 || topP < 1 || minP > 0);
        return new StepFlags(samples(), truncates, penalizes(), logprobs.isPresent(), grammar.isPresent());
    }

    SlotSampling slotSampling(int vocabSize, long drawnSeed) {
        return new SlotSampling(
                temperature,
                topP,
                minP,
                topK == 0 ? vocabSize : Math.min(topK, vocabSize),
                penalties.repetition(),
                penalties.presence(),
                penalties.frequency(),
                drawnSeed);
    }

    static void require(boolean holds, String name, String expected, Object found) {
        if (!holds) {
            throw new RequestException(
                    RequestException.Kind.INVALID, name + ": expected " + expected + ", found " + found);
        }
    }
}
