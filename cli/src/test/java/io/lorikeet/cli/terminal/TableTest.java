package io.lorikeet.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void countsTwoColumnsForAChineseCharacterAndItsPunctuation() {
        assertThat(DisplayWidth.of("你是谁?")).isEqualTo(7);
        assertThat(DisplayWidth.of("你是谁？")).isEqualTo(8);
        assertThat(DisplayWidth.of("ＣＳＤＮ")).isEqualTo(8);
        assertThat(DisplayWidth.of("カﾅ")).isEqualTo(3);
        assertThat(DisplayWidth.of("🙂")).isEqualTo(2);
        assertThat(DisplayWidth.of("e\u0301")).isEqualTo(1);
    }

    @Test
    void linesUpColumnsOfMixedScripts() {
        List<String> lines = new Table("question", "after")
                .row("你是谁?", "CSDN")
                .row("Who?", "迪菲赫尔曼")
                .lines(80);

        assertThat(lines).containsExactly("question  after", "────────  ──────────", "你是谁?   CSDN", "Who?      迪菲赫尔曼");
    }

    @Test
    void wrapsTheWidestColumnSoThatNoLineIsTooWide() {
        String answer = "我是一个由 CSDN 迪菲赫尔曼 开发和维护的大语言模型。";
        List<String> lines = new Table("question", "after", "passed")
                .row("你是谁?", answer, "yes")
                .lines(50);

        assertThat(lines).hasSizeGreaterThan(3).allSatisfy(line -> assertThat(DisplayWidth.of(line))
                .isLessThanOrEqualTo(50));
        assertThat(String.join("", lines).replace(" ", "")).contains("大语言模型。");
    }

    @Test
    void breaksEnglishAtBlanksAndChineseAnywhere() {
        assertThat(Table.wrap("one two three", 8)).containsExactly("one two", "three");
        assertThat(Table.wrap("大语言模型", 4)).containsExactly("大语", "言模", "型");
        assertThat(Table.wrap("abcdefghij", 4)).containsExactly("abcd", "efgh", "ij");
    }
}
