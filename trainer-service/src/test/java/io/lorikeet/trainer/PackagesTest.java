package io.lorikeet.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The order of the packages, as {@code package-info} of the whole has it. */
class PackagesTest {
    private static final Path SOURCES = Path.of("src/main/java/io/lorikeet/trainer");
    private static final List<String> ORDER = List.of(
            "files", "dataset", "output", "plan", "run", "events", "queue", "job", "retention", "service", "tools");
    private static final Pattern USED = Pattern.compile("io\\.lorikeet\\.trainer\\.(\\w+)\\.");

    static List<Path> packages() throws IOException {
        try (Stream<Path> entries = Files.list(SOURCES)) {
            return entries.filter(Files::isDirectory).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("packages")
    void eachKnowsOnlyThoseBeforeIt(Path folder) throws IOException {
        String name = folder.getFileName().toString();
        assertThat(ORDER).contains(name);
        List<String> before = ORDER.subList(0, ORDER.indexOf(name) + 1);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                assertThat(USED.matcher(Files.readString(file)).results().map(used -> used.group(1)))
                        .as(file.toString())
                        .isSubsetOf(before);
            }
        }
    }
}
