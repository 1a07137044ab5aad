package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopStringsTest {
    @Test
    void findsAStopStringAcrossPieces() {
        var text = new StopStrings(List.of("<end>"));
        assertThat(text.push("hello <")).isEqualTo("hello ");
        assertThat(text.push("en")).isEmpty();
        assertThat(text.push("d> more")).isEmpty();
        assertThat(text.isStopped()).isTrue();
        assertThat(text.push("still more")).isEmpty();
    }

    @Test
    void letsGoOfWhatOnlyLookedLikeAStopString() {
        var text = new StopStrings(List.of("<end>"));
        assertThat(text.push("a <en")).isEqualTo("a ");
        assertThat(text.push("try")).isEqualTo("<entry");
        assertThat(text.push(" <e")).isEqualTo(" ");
        assertThat(text.finish()).isEqualTo("<e");
        assertThat(text.isStopped()).isFalse();
    }

    @Test
    void stopsAtTheFirstOfSeveral() {
        var text = new StopStrings(List.of("zwei", "eins"));
        assertThat(text.push("null eins zwei")).isEqualTo("null ");
        assertThat(text.isStopped()).isTrue();
    }

    @Test
    void holdsTheLongestBeginningBack() {
        var text = new StopStrings(List.of("aab", "ab"));
        assertThat(text.push("caa")).isEqualTo("c");
        assertThat(text.push("a")).isEqualTo("a");
        assertThat(text.push("b")).isEmpty();
        assertThat(text.isStopped()).isTrue();
    }
}
