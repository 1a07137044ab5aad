package io.lorikeet.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A line of a container's log. */
record LogLine(String logger, String message, Map<String, String> context) {
    /** All that a service and its replicas have logged so far. */
    static List<LogLine> of(Path state, String service) throws IOException {
        var lines = new ArrayList<LogLine>();
        try (Stream<Path> files = Files.list(state.resolve("logs"))) {
            for (Path file : files.filter(it -> it.getFileName().toString().matches(service + "(-\\d+)?\\.log"))
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    lines.add(parse(Project.JSON.readTree(line)));
                }
            }
        }
        return lines;
    }

    private static LogLine parse(JsonNode line) {
        var context = new TreeMap<String, String>();
        line.path("mdc")
                .properties()
                .forEach(entry -> context.put(entry.getKey(), entry.getValue().asText()));
        return new LogLine(
                line.path("loggerName").asText(), line.path("message").asText(), context);
    }
}
