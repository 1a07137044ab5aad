package io.lorikeet.benchmarks.decode;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.contracts.Json;
import io.lorikeet.engine.model.Quantization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a peer found at the same work on the same machine, a document a line ({@code benchmarks/peers}), and ours beside it. */
final class PeerFigures {
    private final List<Document> documents;

    private PeerFigures(List<Document> documents) {
        this.documents = documents;
    }

    /** What peers/node-llama-cpp/decode.mjs prints. */
    private record Document(List<Row> rows, double residentMiB) {
        static Document of(JsonNode json) {
            List<Row> rows = new ArrayList<>();
            json.path("rows").forEach(row -> rows.add(Row.of(row)));
            return new Document(rows, json.path("residentMiB").asDouble());
        }
    }

    /**
     * One of its measurements.
     *
     * @param streams at once; 0: the first token after a prompt
     * @param prompt tokens of it; 0: of streams
     * @param adapter 1: one for all streams
     */
    private record Row(int streams, int prompt, int adapter, double tokensPerSecond) {
        static Row of(JsonNode json) {
            return new Row(
                    json.path("streams").asInt(),
                    json.path("prompt").asInt(),
                    json.path("adapter").asInt(),
                    json.path("tokensPerSecond").asDouble());
        }
    }

    static PeerFigures read(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            List<Document> documents = new ArrayList<>();
            for (String line : lines.filter(each -> each.startsWith("{")).toList()) {
                documents.add(Document.of(Json.mapper().readTree(line)));
            }
            return new PeerFigures(documents);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " has no figures of a peer", e);
        }
    }

    /** Adds how our figures stand to the peer's, each with the least that is asked of this format, as far as both are there. */
    void compare(Results results, Quantization format, int prefill) {
        atLeast(results, "1 streams, base", "decode", row(1, 0), least(format));
        atLeast(results, "1 streams, 1 adapters", "decode", row(1, 1), 0.85);
        atLeast(results, "8 streams, 8 adapters", "decode", row(8, 1), 2.5);
        atLeast(results, "prompt of " + prefill + ", base", "prefill", row -> row.prompt > 0 && row.adapter == 0, 1.3);
        documents.stream().mapToDouble(Document::residentMiB).min().ifPresent(peer -> results.find(
                        "process", "resident")
                .ifPresent(ours ->
                        results.goal(Goal.atMost(Figure.ratio("resident memory ÷ the peer's", ours / peer), 1.0))));
        results.find("process", "peak").ifPresent(peak -> results.find("process", "resident")
                .ifPresent(resident ->
                        results.goal(Goal.atMost(Figure.ratio("peak ÷ resident memory", peak / resident), 1.3))));
    }

    private static double least(Quantization format) {
        return switch (format) {
            case NONE -> 1.05;
            case INT8, FP8 -> 0.8;
            case INT4, INT4_G128, NF4 -> 0.7;
        };
    }

    private static Predicate<Row> row(int streams, int adapter) {
        return row -> row.streams == streams && row.adapter == adapter;
    }

    private void atLeast(Results results, String name, String figure, Predicate<Row> which, double bound) {
        Optional<Row> peer = documents.stream()
                .flatMap(document -> document.rows.stream())
                .filter(which)
                .findFirst();
        peer.ifPresent(row -> results.find(name, figure)
                .ifPresent(ours -> results.goal(
                        Goal.atLeast(Figure.ratio(name + " ÷ the peer's", ours / row.tokensPerSecond), bound))));
    }
}
