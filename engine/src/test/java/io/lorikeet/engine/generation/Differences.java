package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.generation.EngineRig.Listener;
import java.util.ArrayList;
import java.util.List;

/** What passes of another number of rows do to log-probabilities, and the ties where that shows in the tokens. */
final class Differences {
    double largest;
    /** The narrowest gaps of answers that differ. */
    final List<Double> ties = new ArrayList<>();

    /** Two answers to one request; whether they have the same tokens. */
    boolean add(SamplingParams sampling, Listener alone, Listener mixed) {
        List<Integer> expected = alone.result().tokens();
        List<Integer> found = mixed.result().tokens();
        int same = 0;
        while (same < Math.min(expected.size(), found.size())
                && expected.get(same).equals(found.get(same))) {
            if (same < alone.logprobs.size()) {
                var x = alone.logprobs.get(same);
                var y = mixed.logprobs.get(same);
                largest = Math.max(
                        largest, Math.abs(x.chosen().logprob() - y.chosen().logprob()));
            }
            same++;
        }
        if (same == expected.size() && same == found.size()) {
            return true;
        }
        boolean greedy = sampling.temperature() == 0 && sampling.penalties().equals(Penalties.NONE);
        assertThat(greedy).as("only greedy knows its gap: %s", sampling).isTrue();
        var likeliest = alone.logprobs.get(same).likeliest();
        ties.add((double) likeliest.get(0).logprob() - likeliest.get(1).logprob());
        return false;
    }
}
