package io.lorikeet.trainer.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tree with a root in it, a secret beside the root, and links of every kind. */
class RootTest {
    private static final int NAMES = 20_000;

    @TempDir
    Path tree;

    private Path folder;
    private Root root;

    @BeforeEach
    void plant() throws IOException {
        folder = Files.createDirectories(tree.resolve("data"));
        Files.createDirectories(folder.resolve("sub/deep"));
        Files.writeString(folder.resolve("a.json"), "mine");
        Files.writeString(folder.resolve("sub/b.json"), "mine");
        Files.writeString(folder.resolve("sub/deep/鸟.json"), "mine");
        Files.writeString(tree.resolve("secret.json"), "secret");
        Files.createDirectories(tree.resolve("data-of-others"));
        Files.writeString(tree.resolve("data-of-others/secret.json"), "secret");
        link("within", "sub/b.json");
        link("within-absolute", folder.resolve("a.json").toString());
        link("out", "../secret.json");
        link("out-folder", "..");
        link("sub/out-absolute", tree.resolve("secret.json").toString());
        link("chain", "sub/chained");
        link("sub/chained", "../out-folder/secret.json");
        link("round", "round");
        link("dangling", "nowhere");
        root = Root.of(Optional.of(folder), "SETTING");
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(folder.resolve(name), Path.of(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.json",
                "./sub/../a.json",
                "sub/b.json",
                "sub//deep/鸟.json",
                "within",
                "within-absolute",
                "sub",
                ""
            })
    void findsWhatLiesInIt(String name) throws IOException {
        assertThat(root.find(name)).contains(folder.resolve(name).toRealPath());
    }

    @Test
    void takesAnAbsoluteNameOfWhatLiesInIt() throws IOException {
        Path there = folder.resolve("sub/b.json").toAbsolutePath();

        assertThat(root.find(there.toString())).contains(there.toRealPath());
        assertThat(root.find(folder + "/../data/a.json")).isPresent();
    }

    static Stream<String> whatIsNotThere() {
        return Stream.of(
                "none.json",
                "../secret.json",
                "sub/../../secret.json",
                "../data-of-others/secret.json",
                "out",
                "out-folder/secret.json",
                "out-folder/data-of-others",
                "sub/out-absolute",
                "chain",
                "round",
                "dangling",
                "..",
                "/",
                "/etc/passwd",
                "/proc/self/environ",
                "file:///etc/passwd",
                "s3://bucket/a.json",
                "https://example.org/a.json",
                "a.json\0",
                "\0",
                "a.json\0.csv",
                "sub/\ud800.json",
                "~/x",
                "a.json ",
                "x".repeat(300),
                "sub/".repeat(5_000) + "a.json");
    }

    @ParameterizedTest
    @MethodSource("whatIsNotThere")
    void hasOneAnswerForWhatIsNotThereAndWhatIsNotAllowed(String name) {
        assertThat(root.find(name)).isEmpty();
        assertThat(root.missing(name))
                .endsWith(" not found: it has to lie in the trainer's folder SETTING, links followed")
                .doesNotContain(folder.toString())
                .doesNotContain("\0")
                .hasSizeLessThan(300);
    }

    /** Names put together at random from all that is odd: none leads out, and none that leads in is refused. */
    @Test
    void noNameLeadsOut() throws IOException {
        var random = new Random(20261128);
        List<String> parts = List.of(
                "a.json",
                "sub",
                "deep",
                "鸟.json",
                "b.json",
                "..",
                ".",
                "",
                "within",
                "out",
                "out-folder",
                "chain",
                "chained",
                "out-absolute",
                "round",
                "dangling",
                "secret.json",
                "data",
                "data-of-others",
                "etc",
                "passwd",
                "\0",
                "\ud800",
                "é",
                "e\u0301",
                "\\",
                "%2e%2e",
                "....",
                " ",
                "#3",
                "~",
                "x".repeat(256),
                tree.toString(),
                folder.toString());
        Path real = folder.toRealPath();
        int inside = 0;
        for (int i = 0; i < NAMES; i++) {
            String name = (random.nextInt(4) == 0 ? "/" : random.nextInt(4) == 0 ? folder + "/" : "")
                    + IntStream.range(0, 1 + random.nextInt(6))
                            .mapToObj(_ -> parts.get(random.nextInt(parts.size())))
                            .collect(Collectors.joining("/"));

            Optional<Path> found = root.find(name);

            assertThat(found).as(name).isEqualTo(real(name).filter(path -> path.startsWith(real)));
            if (found.isPresent()) {
                inside++;
            }
        }
        assertThat(inside).as("names that lead to something").isGreaterThan(NAMES / 50);
    }

    /** What the file system makes of it. */
    private Optional<Path> real(String name) {
        try {
            return Optional.of(folder.resolve(name).toRealPath());
        } catch (InvalidPathException | IOException e) {
            return Optional.empty();
        }
    }

    @Test
    void aFolderWithALinkThatLeadsOutIsNotThere() throws IOException {
        Files.createDirectories(folder.resolve("model"));
        Files.writeString(folder.resolve("model/config.json"), "{}");
        Files.createSymbolicLink(folder.resolve("model/weights"), Path.of("../a.json"));

        assertThat(root.findFolder("model")).isPresent();
        Files.createSymbolicLink(folder.resolve("model/tokenizer.json"), tree.resolve("secret.json"));

        assertThat(root.findFolder("model")).isEmpty();
        assertThat(root.findFolder("a.json")).as("a file").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"new", "sub/new/newer", "sub/../new", "within-folder/../new"})
    void newFoldersHaveTheirPlaceBeneathIt(String name) {
        assertThat(root.place(name)).contains(folder.resolve(name).normalize());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "",
                ".",
                "sub/..",
                "../data-of-others/x",
                "/tmp/x",
                "out-folder/x",
                "out-folder/y/z",
                "dangling/x",
                "a\0b"
            })
    void newFoldersHaveNoPlaceElsewhere(String name) {
        assertThat(root.place(name)).isEmpty();
    }

    @Test
    void aNameLongerThanTheFileSystemsHasNoPlace() {
        assertThat(root.place("鸟".repeat(86))).isEmpty();
        assertThat(root.place("鸟".repeat(85))).isPresent();
    }

    @Test
    void withoutAFolderNothingIsThere() {
        assertThat(Root.of(Optional.empty(), "SETTING").find("/etc")).isEmpty();
    }

    @Test
    void aPersonsOwnFilesMayLieAnywhere() {
        var own = Root.anywhere(folder);

        assertThat(own.find("../secret.json")).isPresent();
        assertThat(own.find(tree.resolve("secret.json").toString())).isPresent();
        assertThat(own.find("out")).isPresent();
        assertThat(own.find("a\0b")).isEmpty();
        assertThat(own.missing("a\0b")).contains("not found");
    }
}
