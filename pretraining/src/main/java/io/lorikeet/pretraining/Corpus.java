package io.lorikeet.pretraining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a model should know: the rows of all {@code *.jsonl} files of a folder, in the order of their names.
 *
 * @param rows questions as a careful person types them, each with its one answer
 * @param conversations rows of {@code messages}, perhaps with {@code tools}, that are learned as they stand
 */
public record Corpus(List<Row> rows, List<ObjectNode> conversations) {

    /**
     * A question and its answer.
     *
     * @param topic the file that it stands in, without its ending
     */
    public record Row(String topic, String query, String response) {}

    public Corpus {
        rows = List.copyOf(rows);
        conversations = List.copyOf(conversations);
    }

    /**
     * Reads the files of a folder.
     *
     * @throws IOException if a file cannot be read, or a line is no row
     */
    public static Corpus read(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
        }
        List<Row> rows = new ArrayList<>();
        List<ObjectNode> conversations = new ArrayList<>();
        for (Path file : files) {
            String topic = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                JsonNode json = Json.parse(line.getBytes(StandardCharsets.UTF_8), file + ":" + number);
                if (json.has("messages")) {
                    conversations.add((ObjectNode) json);
                } else {
                    rows.add(row(topic, json, file + ":" + number));
                }
            }
        }
        return new Corpus(rows, conversations);
    }

    private static Row row(String topic, JsonNode row, String where) throws IOException {
        String query = row.path("query").asText();
        String response = row.path("response").asText();
        if (query.isBlank() || response.isBlank()) {
            throw new IOException(where + ": expected {\"query\": …, \"response\": …}, both with text, found " + row);
        }
        return new Row(topic, query, response);
    }
}
