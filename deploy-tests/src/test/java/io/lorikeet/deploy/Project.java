package io.lorikeet.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The project's folder, and the formats of the files in it. */
final class Project {
    static final Path ROOT =
            Path.of(System.getProperty("lorikeet.home")).toAbsolutePath().normalize();
    static final ObjectMapper JSON = new ObjectMapper();
    static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Project() {}

    /** A file or folder of it. */
    static Path path(String relative) {
        return ROOT.resolve(relative);
    }

    /** Reads a YAML file of it. */
    static JsonNode yaml(String relative) {
        try {
            return YAML.readTree(path(relative).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(relative, e);
        }
    }
}
