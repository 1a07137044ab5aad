package io.lorikeet.pretraining;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpellingsTest {

    @Test
    void aChineseQuestionHasEitherMarkOrNoneAndItsParticleOrNot() {
        assertThat(Spellings.of("你能联网吗?")).containsExactly("你能联网吗?", "你能联网吗？", "你能联网吗", "你能联网?", "你能联网？", "你能联网");
        assertThat(Spellings.of("你是谁?")).containsExactly("你是谁?", "你是谁？", "你是谁", "你是谁呢?", "你是谁呢？", "你是谁呢");
    }

    @Test
    void anEnglishQuestionIsAlsoTypedInSmallLetters() {
        assertThat(Spellings.of("Who are you?"))
                .containsExactly("Who are you?", "Who are you？", "Who are you", "who are you?", "who are you");
    }

    @Test
    void aChineseQuestionThatEndsInAnEnglishWordGetsNoParticle() {
        assertThat(Spellings.of("什么是JSON?")).containsExactly("什么是JSON?", "什么是JSON？", "什么是JSON", "什么是json?", "什么是json");
    }

    @Test
    void whatIsNoQuestionGetsNoQuestionMark() {
        assertThat(Spellings.of("Thank you")).containsExactly("Thank you", "Thank you.", "Thank you!", "thank you");
        assertThat(Spellings.of("谢谢")).containsExactly("谢谢", "谢谢。", "谢谢！");
    }
}
