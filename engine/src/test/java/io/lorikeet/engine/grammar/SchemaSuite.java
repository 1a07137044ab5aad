package io.lorikeet.engine.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The official JSON Schema test suite (draft 4), as it is published on npm; fetched once a build. */
final class SchemaSuite {
    private static final String VERSION = "0.0.10";
    private static final ObjectMapper JSON = new ObjectMapper();

    private SchemaSuite() {}

    /**
     * A schema and documents of which the suite says whether they are of it.
     *
     * @param file the keyword that it is about
     */
    record Group(String file, String description, JsonNode schema, JsonNode tests) {}

    static synchronized List<Group> groups() {
        Path target = Path.of("target", "json-schema-test-suite").toAbsolutePath();
        Path tests = target.resolve("package/tests/draft4");
        try {
            if (!Files.isDirectory(tests)) {
                Files.createDirectories(target);
                run(target, "npm", "pack", "--silent", "--prefer-offline", "json-schema-test-suite@" + VERSION);
                run(target, "tar", "xzf", "json-schema-test-suite-" + VERSION + ".tgz");
            }
            List<Group> groups = new ArrayList<>();
            try (Stream<Path> files = Files.list(tests)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    String name = file.getFileName().toString().replace(".json", "");
                    JSON.readTree(file.toFile())
                            .forEach(group -> groups.add(new Group(
                                    name, group.get("description").asText(), group.get("schema"), group.get("tests"))));
                }
            }
            return groups;
        } catch (IOException e) {
            throw new UncheckedIOException("the tests of JSON Schema need npm and tar", e);
        }
    }

    private static void run(Path directory, String... command) throws IOException {
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
