package io.lorikeet.pretraining;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.pretraining.BpeTrainer.Merge;
import io.lorikeet.pretraining.BpeTrainer.Vocabulary;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Merges worked out by hand. The first 256 tokens are the bytes; a is 97, b 98, c 99, d 100. */
class BpeTrainerTest {
    private static final int MANY = 1_000;

    private final BpeTrainer trainer = new BpeTrainer();

    @Test
    void theMostFrequentPairIsMergedFirstAndItsTokenCanBePartOfTheNext() {
        // ab 4 + 3 times, bc 4 times; then (ab)c 4 times
        add("abc", 4, "ab", 3, "a", 9, "b", 9, "c", 9);

        Vocabulary learned = trainer.train(MANY, 2, 16);

        assertThat(learned.merges()).containsExactly(new Merge(97, 98), new Merge(256, 99));
        assertThat(texts(learned)).containsExactly("ab", "abc");
        assertThat(learned.tokens().get(97)).containsExactly('a');
    }

    @Test
    void ofEquallyFrequentPairsTheOneOfTheLowestIdsIsMergedFirst() {
        add("cd", 3, "ab", 3, "a", 9, "b", 9, "c", 9, "d", 9);

        assertThat(trainer.train(MANY, 2, 16).merges()).containsExactly(new Merge(97, 98), new Merge(99, 100));
    }

    @Test
    void aTextIsCountedAsOftenAsItIsAddedAndAPairThatIsTooRareStaysApart() {
        add("ab", 1, "ab", 2, "cd", 2, "a", 9, "b", 9, "c", 9, "d", 9);

        assertThat(texts(trainer.train(MANY, 3, 16))).containsExactly("ab");
    }

    @Test
    void noPairIsMergedThatWouldUseOneOfItsPartsUp() {
        // b stands alone once, and two are to be left
        add("ab", 5, "a", 9, "b", 1);

        assertThat(trainer.train(MANY, 2, 16).merges()).isEmpty();

        add("b", 1);

        assertThat(texts(trainer.train(MANY, 2, 16))).containsExactly("ab");
    }

    @Test
    void aRunOfOneByteIsMergedFromTheLeft() {
        // aaa becomes (aa)a; merging that too would use aa up
        add("aaa", 4, "a", 20);

        assertThat(trainer.train(MANY, 2, 16).merges()).containsExactly(new Merge(97, 97));
    }

    @Test
    void theBytesOfACharacterComeTogetherFirstAndNeverWithThoseOfTheNext() {
        // 你 is e4 bd a0, 好 is e5 a5 bd; (a0, e5) is as frequent as the others and no text
        add("你好", 3);

        Vocabulary learned = trainer.train(MANY, 2, 16);

        assertThat(learned.merges())
                .containsExactly(
                        new Merge(0xe4, 0xbd), new Merge(0xe5, 0xa5), new Merge(256, 0xa0), new Merge(257, 0xbd));
        assertThat(texts(learned)).endsWith("你", "好");
    }

    @Test
    void wholeCharactersAreMergedWhereEachIsLeftByItselfToo() {
        add("你好", 3, "你", 2, "好", 2);

        Vocabulary learned = trainer.train(MANY, 2, 16);

        assertThat(learned.merges()).hasSize(5).endsWith(new Merge(258, 259));
        assertThat(texts(learned)).endsWith("你好");
    }

    @Test
    void itEndsAtItsSizeAndMakesNoTokenThatIsTooLong() {
        add("abc", 4, "ab", 3, "a", 9, "b", 9, "c", 9);

        assertThat(trainer.train(257, 2, 16).tokens()).hasSize(257);
        assertThat(texts(trainer.train(MANY, 2, 2))).containsExactly("ab");
    }

    @Test
    void nothingIsMergedAcrossThePiecesOfThePreTokenizer() {
        add("a1", 9, "a", 9, "1", 9);

        assertThat(trainer.train(MANY, 2, 16).merges()).isEmpty();
    }

    private void add(Object... textsAndTimes) {
        for (int i = 0; i < textsAndTimes.length; i += 2) {
            trainer.add((String) textsAndTimes[i], (int) textsAndTimes[i + 1]);
        }
    }

    /** The tokens that were learned, the broken ones too. */
    private static List<String> texts(Vocabulary learned) {
        return learned.tokens().stream()
                .skip(256)
                .map(token -> new String(token, UTF_8))
                .toList();
    }
}
