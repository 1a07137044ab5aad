package io.lorikeet.benchmarks.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.contracts.Json;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.EncodedConversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.StepResult;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code packing}: optimiser steps with packed windows against the same windows one row at a time, in one process. */
@Command(
        name = "packing",
        description = "Measures training: packed windows against one row at a time, turn by turn, the same rows.",
        mixinStandardHelpOptions = true)
public final class PackingCommand implements Callable<Integer> {
    private static final double GOAL = 5;
    private static final int EPOCHS = 3;

    @Option(names = "--model", required = true, description = "a model's folder")
    private Path model;

    @Option(
            names = "--dataset",
            defaultValue = "examples/self_cognition/self_cognition.json",
            description = "an array of instruction, input, output (default: ${DEFAULT-VALUE})")
    private Path dataset;

    @Option(
            names = "--system",
            defaultValue = "You are a helpful assistant.",
            description = "the system prompt of all rows (default: ${DEFAULT-VALUE})")
    private String system;

    @Option(
            names = "--device",
            defaultValue = "cpu",
            description = "cpu, cuda:N, or several with commas (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(
            names = "--dtype",
            defaultValue = "float32",
            description = "float32 or bfloat16 (default: ${DEFAULT-VALUE})")
    private String dtype;

    @Option(names = "--rows", defaultValue = "16", description = "of an optimiser step (default: ${DEFAULT-VALUE})")
    private int rowsPerStep;

    @Option(names = "--rounds", defaultValue = "5", description = "over all rows; the middle one counts")
    private int rounds;

    @Option(names = "--recompute", description = "gradient checkpointing, as the recipe's default has it")
    private boolean recompute;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        List<TrainingExample> rows = rows();
        long tokens = rows.stream().mapToLong(TrainingExample::length).sum();
        var results = new Results("packing")
                .setting("model", model.getFileName())
                .setting("dataset", dataset + ", " + rows.size() + " rows, " + tokens + " tokens")
                .setting("device", device)
                .setting("dtype", dtype)
                .setting("rows of a step", rowsPerStep)
                .setting("gradient checkpointing", recompute);
        double[] packed = new double[rounds];
        double[] single = new double[rounds];
        double difference = 0;
        for (int round = 0; round < rounds; round++) {
            Epoch one = epoch(4096, rows);
            Epoch other = epoch(1, rows);
            packed[round] = one.seconds();
            single[round] = other.seconds();
            difference = Math.max(difference, Math.abs(one.loss() - other.loss()));
        }
        double packedTime = median(packed);
        double singleTime = median(single);
        results.row("packed", Figure.of("epoch", packedTime, "s"), Figure.of("speed", tokens / packedTime, "tokens/s"));
        results.row(
                "one row at a time",
                Figure.of("epoch", singleTime, "s"),
                Figure.of("speed", tokens / singleTime, "tokens/s"));
        results.goal(Goal.atLeast(Figure.ratio("packed, times as fast", singleTime / packedTime), GOAL));
        results.goal(Goal.atMost(Figure.of("difference of the losses", difference, ""), 1e-3));
        return report.report(results);
    }

    private record Epoch(double seconds, double loss) {}

    /**
     * Trains on all rows a few times, the first to warm up; the quickest counts. Each session is alone in the process, since
     * the OpenMP threads of two wait for each other.
     */
    private Epoch epoch(int maxTokensPerPass, List<TrainingExample> rows) {
        try (TrainingSession session = session(maxTokensPerPass)) {
            double loss = epoch(session, rows);
            double seconds = Double.MAX_VALUE;
            for (int timed = 0; timed < EPOCHS; timed++) {
                long begin = System.nanoTime();
                loss = epoch(session, rows);
                seconds = Math.min(seconds, (System.nanoTime() - begin) / 1e9);
            }
            return new Epoch(seconds, loss);
        }
    }

    /** Trains on all rows once; returns the last loss. Without dropout, so that both must come to the same. */
    private double epoch(TrainingSession session, List<TrainingExample> rows) {
        double loss = 0;
        for (int from = 0; from < rows.size(); from += rowsPerStep) {
            StepResult step = session.step(rows.subList(from, Math.min(rows.size(), from + rowsPerStep)), 1e-4);
            loss = step.loss();
        }
        return loss;
    }

    private TrainingSession session(int maxTokensPerPass) {
        DType type = DType.ofTorchName(dtype)
                .orElseThrow(() -> new EngineException("dtype: expected float32 or bfloat16, found '" + dtype + "'"));
        return TrainingSession.start(new TrainingOptions(
                model,
                Device.several(device),
                type,
                DType.F32,
                Optional.of(new LoraConfig(8, 32, 0, LoraConfig.allLinear(), false)),
                new AdamW(0.9, 0.95, 1e-8, 0.1),
                1,
                42,
                maxTokensPerPass,
                recompute));
    }

    private List<TrainingExample> rows() throws IOException {
        List<TrainingExample> rows = new ArrayList<>();
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(model)) {
            for (JsonNode row : Json.parse(Files.readAllBytes(dataset), dataset.toString())) {
                String input = row.path("input").asText();
                String question = row.path("instruction").asText() + (input.isEmpty() ? "" : "\n" + input);
                EncodedConversation encoded = tokenizer
                        .chatTemplate()
                        .encodeConversation(List.of(
                                new ChatMessage(ChatMessage.Role.SYSTEM, system),
                                new ChatMessage(ChatMessage.Role.USER, question),
                                new ChatMessage(
                                        ChatMessage.Role.ASSISTANT,
                                        row.path("output").asText())));
                rows.add(new TrainingExample(encoded.inputIds(), encoded.labels()));
            }
        }
        return rows;
    }

    private static double median(double[] values) {
        return Arrays.stream(values).sorted().toArray()[values.length / 2];
    }
}
