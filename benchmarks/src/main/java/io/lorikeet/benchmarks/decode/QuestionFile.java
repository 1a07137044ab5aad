package io.lorikeet.benchmarks.decode;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The questions of a file of rows, by any of the names that they go by. */
final class QuestionFile {
    private static final List<String> NAMES = List.of("question", "instruction", "query");

    private QuestionFile() {}

    static List<String> read(Path file, int limit) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        if (file.toString().endsWith(".jsonl")) {
            for (String line : Files.readAllLines(file)) {
                rows.add(Json.mapper().readTree(line));
            }
        } else {
            Json.mapper().readTree(file.toFile()).forEach(rows::add);
        }
        // spread over all of it
        int step = Math.max(1, rows.size() / limit);
        List<String> questions = new ArrayList<>();
        for (int i = 0; i < rows.size() && questions.size() < limit; i += step) {
            JsonNode row = rows.get(i);
            questions.add(NAMES.stream()
                    .filter(row::has)
                    .findFirst()
                    .map(name -> row.get(name).asText())
                    .orElseThrow(() -> new EngineException(
                            file + ": expected rows with one of " + NAMES + ", found one without")));
        }
        return questions;
    }
}
