package io.lorikeet.engine.generation;

import java.util.List;
import java.util.OptionalLong;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 for greedy
 * @param topP in (0, 1]: the smallest set of tokens whose probability reaches it
 * @param topK the likeliest tokens only; 0 for all
 * @param maxNewTokens tokens of the answer at most
 * @param stop strings that end the answer and are not part of it
 * @param seed the same seed gives the same answer, whatever else runs; none: a new one each time
 */
public record SamplingParams(
        double temperature, double topP, int topK, int maxNewTokens, List<String> stop, OptionalLong seed) {
    public SamplingParams {
        stop = List.copyOf(stop);
        require(temperature >= 0 && temperature <= 2, "temperature", "a number from 0 to 2", temperature);
        require(topP > 0 && topP <= 1, "top_p", "a number above 0 and at most 1", topP);
        require(topK >= 0, "top_k", "0 (all) or more", topK);
        require(maxNewTokens >= 1, "max_tokens", "at least 1", maxNewTokens);
        require(stop.stream().noneMatch(String::isEmpty), "stop", "strings that are not empty", stop);
    }

    /** The likeliest token each time. */
    public static SamplingParams greedy(int maxNewTokens) {
        return new SamplingParams(0, 1, 0, maxNewTokens, List.of(), OptionalLong.empty());
    }

    boolean samples() {
        return temperature > 0;
    }

    /** Whether the choice is limited to some of the tokens. */
    boolean truncates() {
        return samples() && (topK > 0 || topP < 1);
    }

    private static void require(boolean holds, String name, String expected, Object found) {
        if (!holds) {
            throw new RequestException(
                    RequestException.Kind.INVALID, name + ": expected " + expected + ", found " + found);
        }
    }
}
