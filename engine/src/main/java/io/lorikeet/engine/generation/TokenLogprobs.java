package io.lorikeet.engine.generation;

import io.lorikeet.engine.program.KeptLogprobs;
import java.util.ArrayList;
import java.util.List;

/**
 * A generated token and what the model itself gave it and its rivals, before penalties and temperature.
 *
 * @param likeliest as many as were asked for, the likeliest first
 */
public record TokenLogprobs(TokenLogprob chosen, List<TokenLogprob> likeliest) {
    /** A token and the natural logarithm of its probability. */
    public record TokenLogprob(int token, float logprob) {}

    public TokenLogprobs {
        likeliest = List.copyOf(likeliest);
    }

    static TokenLogprobs of(int token, KeptLogprobs kept, int row, int count) {
        List<TokenLogprob> likeliest = new ArrayList<>();
        for (int rank = 0; rank < Math.min(count, kept.count()); rank++) {
            likeliest.add(new TokenLogprob(kept.likeliestToken(row, rank), kept.likeliest(row, rank)));
        }
        return new TokenLogprobs(new TokenLogprob(token, kept.chosen(row)), likeliest);
    }
}
