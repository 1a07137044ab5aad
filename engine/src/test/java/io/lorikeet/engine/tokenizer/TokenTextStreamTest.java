package io.lorikeet.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTextStreamTest {
    private final Qwen2Tokenizer tokenizer = Qwen25.tokenizer();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "And an emoji 🦜.",
                "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 👍🏽 thumb",
                "迪菲赫尔曼 𠮷野家 㗂越 龘",
                "𝔘nicode ﬁ é ‍ end",
                " a leading space, and\n\n\ttabs  "
            })
    void showsWholeCharactersAndAddsUpToTheText(String text) {
        List<String> deltas = deltas(tokenizer.encode(text));

        assertThat(deltas).noneMatch(delta -> delta.contains("\uFFFD")).allMatch(TokenTextStreamTest::isWellFormed);
        assertThat(String.join("", deltas)).isEqualTo(text);
    }

    @Test
    void holdsTheBytesOfASplitCharacterBack() {
        int[] parrot = tokenizer.encode("🦜");
        assertThat(parrot).hasSizeGreaterThan(1);
        TokenTextStream stream = tokenizer.stream();

        for (int token : Arrays.copyOf(parrot, parrot.length - 1)) {
            assertThat(stream.push(token)).isEmpty();
        }
        assertThat(stream.push(parrot[parrot.length - 1])).isEqualTo("🦜");
        assertThat(stream.finish()).isEmpty();
    }

    @Test
    void saysAtTheEndThatACharacterWasCutOff() {
        int[] parrot = tokenizer.encode("🦜");
        TokenTextStream stream = tokenizer.stream();
        stream.push(parrot[0]);

        assertThat(stream.finish()).isEqualTo("\uFFFD");
    }

    @Test
    void showsBytesThatAreNoCharacterAsSoonAsThatIsSure() {
        TokenTextStream stream = tokenizer.stream();
        stream.push(tokenizer.encode("🦜")[0]);

        assertThat(stream.push(tokenizer.encode("A")[0])).isEqualTo("\uFFFDA");
        assertThat(stream.finish()).isEmpty();
    }

    @Test
    void leavesControlTokensOut() {
        assertThat(String.join("", deltas(tokenizer.encode("<|im_start|>Hi<|im_end|>"))))
                .isEqualTo("Hi");
    }

    @Test
    void passesTokensOverThatTheTokenizerDoesNotKnow() {
        assertThat(tokenizer.stream().push(152_063)).isEmpty();
    }

    @Test
    void saysWhatDecodingAllAtOnceSaysForAnyTokens() {
        Random random = new Random(42);
        for (int round = 0; round < 200; round++) {
            int[] tokens = random.ints(50, 0, 151_643).toArray();
            assertThat(String.join("", deltas(tokens))).isEqualTo(tokenizer.decode(tokens));
        }
    }

    private List<String> deltas(int[] tokens) {
        TokenTextStream stream = tokenizer.stream();
        List<String> deltas = new ArrayList<>();
        for (int token : tokens) {
            deltas.add(stream.push(token));
        }
        deltas.add(stream.finish());
        return deltas;
    }

    private static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
