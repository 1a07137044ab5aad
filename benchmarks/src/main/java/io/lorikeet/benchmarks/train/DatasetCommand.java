package io.lorikeet.benchmarks.train;

import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.command.TrainerTool;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dataset}: how fast data is read and tokenised, and on how small a heap. */
@Command(
        name = "dataset",
        description = "Measures reading: short rows of random words, read and tokenised as a job's data.",
        mixinStandardHelpOptions = true)
public final class DatasetCommand implements Callable<Integer> {
    private static final String MAIN = "io.lorikeet.trainer.tools.ValidateMain";
    private static final List<String> WORDS = List.of(
            ("the cat sat on mat open shop nine close when does what is your name bird colour blue green answer question"
                            + " because river mountain hello world train model small large quick brown fox jumps 天气 今天 怎么 样")
                    .split(" "));

    @Option(names = "--model", required = true, description = "a model's folder, for its tokenizer")
    private Path model;

    @Option(names = "--rows", defaultValue = "1000000", description = "of about 35 tokens (default: ${DEFAULT-VALUE})")
    private int rows;

    @Option(names = "--heap", defaultValue = "128m", description = "the reader's heap (default: ${DEFAULT-VALUE})")
    private String heap;

    @Option(names = "--rounds", defaultValue = "3", description = "the quickest counts (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("lorikeet-dataset");
        Path data = folder.resolve("rows.jsonl");
        try {
            write(data);
            double seconds = Double.MAX_VALUE;
            for (int round = 0; round < rounds; round++) {
                long begin = System.nanoTime();
                int read = read(folder);
                seconds = Math.min(seconds, (System.nanoTime() - begin) / 1e9);
                if (read != rows) {
                    throw new CliException("expected %d rows, %d were read".formatted(rows, read));
                }
            }
            var results = new Results("dataset")
                    .setting("model", model.getFileName())
                    .setting("rows", rows)
                    .setting("bytes", Files.size(data))
                    .setting("heap", heap)
                    .row(
                            "read and tokenised, the process's start included",
                            Figure.of("time", seconds, "s"),
                            Figure.of("speed", rows / seconds, "rows/s"));
            return report.report(results);
        } finally {
            Files.deleteIfExists(data);
            Files.delete(folder);
        }
    }

    private void write(Path file) throws IOException {
        var random = new Random(1);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < rows; i++) {
                out.write("{\"instruction\": \"%s %d?\", \"input\": \"\", \"output\": \"%s.\"}%n"
                        .formatted(words(random, 4, 10), i, words(random, 5, 20)));
            }
        }
    }

    private static String words(Random random, int least, int most) {
        var text = new StringBuilder();
        for (int left = random.nextInt(least, most + 1); left > 0; left--) {
            text.append(WORDS.get(random.nextInt(WORDS.size()))).append(left > 1 ? " " : "");
        }
        return text.toString();
    }

    private int read(Path folder) throws IOException, InterruptedException {
        ProcessBuilder builder = TrainerTool.process(
                MAIN, List.of("--model", model.toAbsolutePath().toString(), "--data", folder.toString()));
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Xmx" + heap);
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(Json.write(
                    Map.of("type", "train", "job_id", "bench", "adapter", "bench", "dataset", List.of("rows.jsonl"))));
        }
        String said = process.inputReader(StandardCharsets.UTF_8).lines().reduce("", (_, line) -> line);
        int exit = process.waitFor();
        if (exit != 0) {
            throw new CliException("the reader ended with " + exit);
        }
        return Json.read(said.getBytes(StandardCharsets.UTF_8), DryRunReport.class)
                .rows();
    }
}
