package io.lorikeet.benchmarks.report;

import io.lorikeet.cli.terminal.Table;
import io.lorikeet.contracts.Json;
import io.lorikeet.engine.checkpoint.AtomicFile;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one run of a benchmark found: rows of figures, and the goals that some of them have. Collected while it runs, then
 * {@linkplain #print printed} and {@linkplain #write written}.
 */
public final class Results {
    private static final int WIDTH = 140;

    private final String benchmark;
    private final Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Machine machine = Machine.current();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();
    private final List<Goal> goals = new ArrayList<>();

    /** One thing that was measured. */
    public record Row(String name, List<Figure> figures) {}

    /** The file's content. */
    private record Document(
            String benchmark,
            Instant time,
            Machine machine,
            Map<String, String> settings,
            List<Row> rows,
            List<Goal> goals) {}

    public Results(String benchmark) {
        this.benchmark = benchmark;
    }

    /** Something that one has to know to measure it again: a version, a model, a device, a number of threads. */
    public Results setting(String name, Object value) {
        settings.put(name, String.valueOf(value));
        return this;
    }

    public Results row(String name, Figure... figures) {
        rows.add(new Row(name, List.of(figures)));
        return this;
    }

    public Results goal(Goal goal) {
        goals.add(goal);
        return this;
    }

    /** The figure called {@code name} of the row called {@code row}. */
    public double value(String row, String name) {
        return find(row, name)
                .orElseThrow(() -> new IllegalArgumentException("no figure '" + name + "' in a row '" + row + "'"));
    }

    /** The same, if there is one. */
    public Optional<Double> find(String row, String name) {
        return rows.stream()
                .filter(r -> r.name().equals(row))
                .flatMap(r -> r.figures().stream())
                .filter(f -> f.name().equals(name))
                .findFirst()
                .map(Figure::value);
    }

    public List<Goal> goals() {
        return List.copyOf(goals);
    }

    /** The goals that were missed. */
    public List<Goal> missed() {
        return goals.stream().filter(goal -> !goal.met()).toList();
    }

    /** The settings, a table of the figures, a table of the goals. */
    public void print(PrintStream out) {
        out.println(benchmark + " " + time);
        out.println("machine: " + machine);
        settings.forEach((name, value) -> out.println(name + ": " + value));
        if (!rows.isEmpty()) {
            out.println();
            figures().lines(WIDTH).forEach(out::println);
        }
        if (!goals.isEmpty()) {
            out.println();
            goalTable().lines(WIDTH).forEach(out::println);
        }
    }

    private Table figures() {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.figures().forEach(figure -> columns.add(figure.name())));
        List<String> head = new ArrayList<>(List.of(""));
        head.addAll(columns);
        var table = new Table(head.toArray(String[]::new));
        for (Row row : rows) {
            List<String> cells = new ArrayList<>(List.of(row.name()));
            for (String column : columns) {
                cells.add(row.figures().stream()
                        .filter(figure -> figure.name().equals(column))
                        .map(Figure::text)
                        .findFirst()
                        .orElse(""));
            }
            table.row(cells.toArray(String[]::new));
        }
        return table;
    }

    private Table goalTable() {
        var table = new Table("goal", "bound", "measured", "");
        for (Goal goal : goals) {
            table.row(goal.figure().name(), goal.boundText(), goal.figure().text(), goal.met() ? "met" : "MISSED");
        }
        return table;
    }

    /** Writes {@code BENCHMARK-TIME.json} into {@code folder}, and says where. */
    public Path write(Path folder) {
        Path file = folder.resolve(benchmark + "-" + time.toString().replace(":", "") + ".json");
        try {
            AtomicFile.write(
                    file,
                    Json.mapper()
                            .writerWithDefaultPrettyPrinter()
                            .writeValueAsBytes(new Document(benchmark, time, machine, settings, rows, goals)));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
        return file;
    }
}
