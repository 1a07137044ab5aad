package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/data.md says of each file in examples/data what is in it and what becomes of it, in every language alike. */
class DataPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** A file's name, what is in it, if that is text, and what the trainer makes of it. */
    private static final Pattern EXAMPLE = Pattern.compile(
            "`examples/data/(?<file>[\\w.]+)`[^\\n]*\\n\\n(?:```(?:json|csv)\\n(?<text>.*?)```\\n\\n(?:with[^\\n]*\\n\\n|配上[^\\n]*\\n\\n)?)?```text\\n(?<turns>.*?)```",
            Pattern.DOTALL);

    @ParameterizedTest
    @ValueSource(strings = {"docs/data.md", "docs/data.zh-CN.md"})
    void everyExampleIsThatFileAndIsReadSo(String page) throws IOException {
        var shown = new ArrayList<String>();
        var examples = EXAMPLE.matcher(Files.readString(ROOT.resolve(page)));
        while (examples.find()) {
            String file = "examples/data/" + examples.group("file");
            shown.add(examples.group("file"));
            if (examples.group("text") != null) {
                assertThat(ROOT.resolve(file)).content().isEqualTo(examples.group("text"));
            }
            assertThat(read(file)).as(file).isEqualTo(examples.group("turns").strip());
        }
        assertThat(shown).containsExactlyInAnyOrderElementsOf(explained());
    }

    /** The files that are not another one packed. */
    private static List<String> explained() throws IOException {
        try (var files = Files.list(ROOT.resolve("examples/data"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.matches("job\\.json|README\\.md|.*\\.(gz|zst)"))
                    .toList();
        }
    }

    private static String read(String file) {
        var rows = ReadRows.of(
                ROOT,
                new ReadRows.Asked(
                        new DatasetLoader.Request(
                                List.of(file),
                                List.of(),
                                List.of(),
                                Optional.of("Lori"),
                                Optional.of("the shop"),
                                true,
                                Map.of("Frage", "query", "Antwort", "response", "Quelle", "")),
                        0,
                        42));
        return rows.train().stream()
                .sorted(Comparator.comparing(row -> row.source().line()))
                .map(row -> row.turns().stream().map(DataPageTest::shown).collect(Collectors.joining("\n")))
                .collect(Collectors.joining("\n\n"));
    }

    private static String shown(Turn turn) {
        String role = turn.message().role().name().toLowerCase(Locale.ROOT);
        String mark = turn.isAnswer() && !turn.teaches() ? " (not learned)" : "";
        return role + mark + ": " + turn.message().content();
    }
}
