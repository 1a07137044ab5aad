package io.lorikeet.engine.generation;

import static io.lorikeet.engine.generation.EngineRig.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.generation.EngineRig.Call;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What each sampling parameter does to the choice of a token; on the device, over a real model. */
class SamplingTest {
    private static final int[] PROMPT = {7, 8, 9};
    private static EngineRig rig;

    @BeforeAll
    static void load() {
        rig = new EngineRig(4, 1);
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @Test
    void theSameSeedGivesTheSameAnswerAndAnotherAnother() {
        assertThat(tokens(drawn(1.5, 7))).isEqualTo(tokens(drawn(1.5, 7))).isNotEqualTo(tokens(drawn(1.5, 8)));
    }

    @Test
    void theLikeliestTokenAloneIsWhatGreedyTakes() {
        List<Integer> greedy = tokens(SamplingParams.greedy(20));
        assertThat(tokens(drawn(1.5, 7).limited(1, 1, 0))).isEqualTo(greedy);
        assertThat(tokens(drawn(1.5, 7).limited(1e-6, 0, 0))).isEqualTo(greedy);
        assertThat(tokens(drawn(1.5, 7).limited(1, 0, 1))).isEqualTo(greedy);
    }

    @Test
    void logprobsAreThoseOfTheModelAndNameTheLikeliestFirst() {
        float[] logits = rig.thread.call(() -> rig.program.logits(PROMPT, 0, Optional.empty()));
        int vocab = rig.config.vocabSize();
        var first = hear(SamplingParams.greedy(3).withLogprobs(4)).logprobs.getFirst();

        double sum = 0;
        for (int v = 0; v < vocab; v++) {
            sum += Math.exp(logits[2 * vocab + v]);
        }
        assertThat(first.likeliest()).hasSize(4);
        for (var one : first.likeliest()) {
            assertThat((double) one.logprob()).isCloseTo(logits[2 * vocab + one.token()] - Math.log(sum), within(1e-4));
        }
        assertThat(first.chosen()).isEqualTo(first.likeliest().getFirst());
        assertThat(first.likeliest()).isSortedAccordingTo((x, y) -> Float.compare(y.logprob(), x.logprob()));
    }

    @Test
    void temperatureAndPenaltiesChangeTheChoiceAndNotTheLogprobs() {
        var greedy = hear(SamplingParams.greedy(1).withLogprobs(20)).logprobs.getFirst();
        var drawn = hear(drawn(2, 3).with(new Penalties(2, 1, 1)).withLogprobs(20))
                .logprobs
                .getFirst();
        assertThat(drawn.likeliest()).isEqualTo(greedy.likeliest());
    }

    /** 600 draws of one token against the model's probabilities: chi-squared with few cells, far from its tail. */
    @Test
    void drawsFollowTheProbabilities() {
        var likeliest = hear(SamplingParams.greedy(1).withLogprobs(20))
                .logprobs
                .getFirst()
                .likeliest();
        Map<Integer, Integer> counts = new HashMap<>();
        int draws = 600;
        for (int seed = 0; seed < draws; seed++) {
            counts.merge(
                    tokens(SamplingParams.drawn(1, 1, OptionalLong.of(seed))).getFirst(), 1, Integer::sum);
        }
        double chiSquared = 0;
        double rest = 1;
        int restCount = draws;
        int cells = 0;
        for (var one : likeliest.subList(0, 6)) {
            double p = Math.exp(one.logprob());
            int count = counts.getOrDefault(one.token(), 0);
            chiSquared += Math.pow(count - draws * p, 2) / (draws * p);
            rest -= p;
            restCount -= count;
            cells++;
        }
        chiSquared += Math.pow(restCount - draws * rest, 2) / (draws * rest);
        // 99.99 % of chi-squared with 6 degrees of freedom
        assertThat(chiSquared).as("%d cells, %s", cells, counts).isLessThan(27.9);
    }

    @Test
    void minPKeepsWhatIsLikelyEnoughBesideTheLikeliest() {
        var likeliest = hear(SamplingParams.greedy(1).withLogprobs(20))
                .logprobs
                .getFirst()
                .likeliest();
        // between the second and the third of the likeliest
        double minP = Math.exp((likeliest.get(1).logprob() + likeliest.get(2).logprob()) / 2
                - likeliest.getFirst().logprob());
        var drawn = new HashSet<Integer>();
        for (int seed = 0; seed < 100; seed++) {
            drawn.add(tokens(SamplingParams.drawn(1, 1, OptionalLong.of(seed)).limited(1, 0, minP))
                    .getFirst());
        }
        assertThat(drawn)
                .containsExactlyInAnyOrder(
                        likeliest.get(0).token(), likeliest.get(1).token());
    }

    @Test
    void aFrequencyPenaltyEndsARepetition() {
        assertThat(mostOften(tokens(SamplingParams.greedy(40)))).isGreaterThan(3);
        assertThat(mostOften(tokens(SamplingParams.greedy(40).with(new Penalties(1, 0, 2)))))
                .isLessThan(mostOften(tokens(SamplingParams.greedy(40))));
    }

    @Test
    void penaltiesMoveTheLogitsByWhatTheySay() {
        var free = hear(SamplingParams.greedy(2).withLogprobs(20));
        var first = free.logprobs.get(0).chosen().token();
        var second = free.logprobs.get(1);
        // the first token of the answer again, if it is among the likeliest, loses exactly presence + frequency
        var again = hear(SamplingParams.greedy(2).with(new Penalties(1, 2, 2)).withLogprobs(20));
        assertThat(again.logprobs.get(0).chosen().token()).isEqualTo(first);
        double best = Double.NEGATIVE_INFINITY;
        int expected = -1;
        for (var one : second.likeliest()) {
            double score = one.logprob() - (one.token() == first ? 4 : 0);
            if (score > best) {
                best = score;
                expected = one.token();
            }
        }
        assertThat(again.logprobs.get(1).chosen().token()).isEqualTo(expected);
    }

    @Test
    void aRepetitionPenaltyCountsThePromptToo() {
        List<Integer> greedy = tokens(SamplingParams.greedy(1));
        int[] withAnswer = {7, 8, greedy.getFirst(), 9};
        var call = Call.base(withAnswer, SamplingParams.greedy(1).withLogprobs(20));
        var plain = rig.hear(List.of(call), () -> 1).getFirst().logprobs.getFirst();
        var logits = rig.thread.call(() -> rig.program.logits(withAnswer, 0, Optional.empty()));
        int vocab = rig.config.vocabSize();
        int expected = -1;
        double best = Double.NEGATIVE_INFINITY;
        for (int v = 0; v < vocab; v++) {
            double logit = logits[3 * vocab + v];
            boolean seen = v == 7 || v == 8 || v == 9 || v == greedy.getFirst();
            double score = !seen ? logit : logit > 0 ? logit / 3 : logit * 3;
            if (score > best) {
                best = score;
                expected = v;
            }
        }
        var penalized = Call.base(withAnswer, SamplingParams.greedy(1).with(new Penalties(3, 0, 0)));
        assertThat(rig.run(List.of(penalized)).getFirst()).containsExactly(expected);
        assertThat(plain.likeliest()).isNotEmpty();
    }

    @Test
    void anotherRowsLimitsAndPenaltiesChangeNothing() {
        var quiet = Call.base(PROMPT, drawn(1.2, 5));
        List<Integer> alone = rig.run(List.of(quiet)).getFirst();
        var loud = Call.base(prompt(9, 1), drawn(1, 6).limited(0.5, 3, 0.1).with(new Penalties(1.3, 1, 1)));
        var counted = Call.base(prompt(4, 2), drawn(0.7, 9).withLogprobs(5));
        assertThat(rig.run(List.of(loud, quiet, counted)).get(1)).isEqualTo(alone);
    }

    private static int mostOften(List<Integer> tokens) {
        Map<Integer, Integer> counts = new HashMap<>();
        tokens.forEach(token -> counts.merge(token, 1, Integer::sum));
        return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    private static SamplingParams drawn(double temperature, long seed) {
        return SamplingParams.drawn(temperature, 20, OptionalLong.of(seed));
    }

    private static List<Integer> tokens(SamplingParams sampling) {
        return rig.run(List.of(Call.base(PROMPT, sampling))).getFirst();
    }

    private static EngineRig.Listener hear(SamplingParams sampling) {
        return rig.hear(List.of(Call.base(PROMPT, sampling)), () -> 1).getFirst();
    }
}
