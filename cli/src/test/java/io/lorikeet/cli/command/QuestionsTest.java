package io.lorikeet.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestionsTest {
    @TempDir
    Path folder;

    @Test
    void areAListOrThoseOfAJob() throws IOException {
        String list = "[{\"question\": \"q\", \"must_contain\": [\"a\"]}]";

        assertThat(Questions.read(write(list)))
                .isEqualTo(Questions.read(write("{\"adapter\": \"x\", \"acceptance\": " + list + "}")))
                .singleElement()
                .satisfies(question ->
                        assertThat(question.judge("an answer").passed()).isTrue());
    }

    @Test
    void saysWhatIsWrongWithThem() throws IOException {
        for (String wrong : List.of("[]", "{}", "7")) {
            assertThatThrownBy(() -> Questions.read(write(wrong)))
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining("has no questions");
        }
        assertThatThrownBy(() -> Questions.read(write("[{\"question\": \"q\", \"must_contian\": [\"a\"]}]")))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("must_contain");
        assertThatThrownBy(() -> Questions.read(folder.resolve("nowhere.json")))
                .hasMessageContaining("there is no such file");
    }

    @Test
    void comparesSideBySideWhereThereIsRoomAndLineByLineElsewhere() {
        List<String> two =
                CompareCommand.table(List.of("base model", "a v1"), List.of("long ".repeat(20), "short"), 80);
        List<String> four = CompareCommand.table(List.of("base model", "a", "b", "c"), List.of("1", "2", "3", "4"), 80);

        assertThat(two).first().asString().startsWith("base model").contains("a v1");
        assertThat(two).allMatch(line -> line.length() <= 80);
        assertThat(four).contains("who         answer", "c           4");
    }

    private Path write(String json) throws IOException {
        return Files.writeString(folder.resolve("q.json"), json);
    }
}
