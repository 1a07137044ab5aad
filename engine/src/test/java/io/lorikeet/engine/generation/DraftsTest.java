package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.model.Speculation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which guesses a step checks. */
class DraftsTest {
    private static final int STOP = 99;
    private static final int[] REPEATING =
            IntStream.range(0, 60).map(i -> i % 20).toArray();

    private final Drafts drafts = new Drafts(Speculation.AUTO);

    @Test
    void aTextThatRepeatsItselfIsGuessedFromFurtherTheMoreGuessesHold() {
        Sequence sequence = sequence(REPEATING, 100);
        int first = length(sequence);
        assertThat(first).isPositive();
        int[] guess = drafts.of(List.of(sequence)).getFirst();
        assertThat(guess).isEqualTo(IntStream.range(0, guess.length).toArray());

        for (int i = 0; i < 20; i++) {
            check(sequence, guess.length, guess.length);
        }
        assertThat(length(sequence)).isEqualTo(Drafts.MAX_ROWS - 1).isGreaterThan(first);
    }

    @Test
    void guessesThatDoNotHoldAreGivenUpAndTriedAgainNowAndThen() {
        Sequence sequence = sequence(REPEATING, 100);
        int steps = 2000;
        int tried = 0;
        for (int i = 0; i < steps; i++) {
            int length = length(sequence);
            tried += length > 0 ? 1 : 0;
            check(sequence, length, 0);
        }
        assertThat(tried).isBetween(10, steps / 4);
    }

    @Test
    void anotherAnswerOfTheSameAdapterBeginsWithWhatIsKnown() {
        Sequence sequence = sequence(REPEATING, 100);
        for (int i = 0; i < 200; i++) {
            check(sequence, 4, 0);
        }
        assertThat(length(sequence(REPEATING, 100))).isZero();
    }

    @Test
    void guessesAreNotWorthRowsThatCostAsMuchAsAStep() {
        Sequence sequence = sequence(REPEATING, 100);
        for (int i = 0; i < 50; i++) {
            run(sequence, 0, 0, 1_000_000);
            run(sequence, 7, 2, 8_000_000);
        }
        assertThat(length(sequence)).isZero();
    }

    @Test
    void manySequencesGetFewerEachAndAsManyAsRowsNone() {
        assertThat(total(1)).isPositive();
        assertThat(total(4)).isPositive().isLessThan(4 * total(1));
        assertThat(total(Drafts.MAX_ROWS)).isZero();
        assertThat(total(Drafts.MAX_ROWS + 5)).isZero();
    }

    @Test
    void aGuessEndsBeforeTheAnswerDoes() {
        assertThat(length(sequence(REPEATING, 3))).isLessThanOrEqualTo(2);
        assertThat(length(sequence(REPEATING, 1))).isZero();
        int[] ends = {1, 2, 3, STOP, 5, 1, 2};
        assertThat(drafts.of(List.of(sequence(ends, 100))).getFirst()).containsExactly(3);
    }

    @Test
    void offThereAreNone() {
        assertThat(Drafts.off().of(List.of(sequence(REPEATING, 100))).getFirst())
                .isEmpty();
    }

    private int total(int sequences) {
        List<Sequence> decoding = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            decoding.add(sequence(REPEATING, 100));
        }
        return drafts.of(decoding).stream().mapToInt(draft -> draft.length).sum();
    }

    private int length(Sequence sequence) {
        return drafts.of(List.of(sequence)).getFirst().length;
    }

    private void check(Sequence sequence, int length, int held) {
        run(sequence, length, held, 1_000_000L + 50_000L * length);
    }

    private void run(Sequence sequence, int length, int held, long nanos) {
        drafts.checked(new DecodeBatch(List.of(sequence), List.of(new int[length]), 0), List.of(held), nanos);
    }

    private static Sequence sequence(int[] prompt, int maxNewTokens) {
        return new Sequence(
                PromptTokens.of(prompt),
                SamplingParams.greedy(maxNewTokens),
                Optional.empty(),
                Optional.empty(),
                Set.of(STOP),
                maxNewTokens,
                TimeLimits.NONE,
                TextDecoder.none(),
                new EngineRig.Listener());
    }
}
