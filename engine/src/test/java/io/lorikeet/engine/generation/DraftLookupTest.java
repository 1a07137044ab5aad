package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DraftLookupTest {
    @Test
    void guessesWhatFollowedTheSameTokensTheLastTime() {
        assertThat(next(List.of(), 3, 1, 2, 7, 7, 1, 2, 8, 9, 5, 1, 2)).containsExactly(8, 9, 5);
        assertThat(next(List.of(), 2, 1, 2, 8, 9, 5, 1, 2)).containsExactly(8, 9);
    }

    @Test
    void whatHasMoreInCommonCountsMore() {
        assertThat(next(List.of(), 1, 3, 1, 2, 7, 4, 1, 2, 8, 3, 1, 2)).containsExactly(7);
        assertThat(next(List.of(new int[] {9, 3, 1, 2, 6}), 1, 1, 2, 7, 9, 3, 1, 2))
                .containsExactly(6);
    }

    @Test
    void aTextItselfCountsMoreThanAnotherOne() {
        assertThat(next(List.of(new int[] {1, 2, 6}), 1, 1, 2, 7, 1, 2)).containsExactly(7);
    }

    @Test
    void nothingIsGuessedFromOneTokenInCommonOrWhereTheOtherTextEnds() {
        assertThat(next(List.of(), 4, 5, 2, 7, 1, 2)).isEmpty();
        assertThat(next(List.of(new int[] {1, 2}), 4, 1, 2)).isEmpty();
        assertThat(next(List.of(new int[] {}), 4, 1)).isEmpty();
    }

    @Test
    void isTheLongestAndLastOfAllThereAre() {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            int[] text = random.ints(1 + random.nextInt(40), 0, 3).toArray();
            int[] other = random.ints(random.nextInt(40), 0, 3).toArray();
            assertThat(DraftLookup.next(text, List.of(other), 4)).isEqualTo(plainly(text, other, 4));
        }
    }

    private static int[] plainly(int[] text, int[] other, int limit) {
        for (int common = Math.min(32, text.length); common >= DraftLookup.SHORTEST; common--) {
            int[] end = Arrays.copyOfRange(text, text.length - common, text.length);
            for (int[] in : List.of(text, other)) {
                for (int at = in.length - 1; at >= common; at--) {
                    if (Arrays.equals(Arrays.copyOfRange(in, at - common, at), end)) {
                        return Arrays.copyOfRange(in, at, Math.min(in.length, at + limit));
                    }
                }
            }
        }
        return new int[0];
    }

    private static int[] next(List<int[]> others, int limit, int... text) {
        return DraftLookup.next(text, others, limit);
    }
}
