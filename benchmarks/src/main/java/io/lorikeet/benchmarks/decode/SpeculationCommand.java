package io.lorikeet.benchmarks.decode;

import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.model.Speculation;
import io.lorikeet.engine.program.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code speculation}: what drafts give an adapter's answers, on a processor. */
@Command(
        name = "speculation",
        description = "Measures drafts: an adapter's answers, one after the other, with them and without.",
        mixinStandardHelpOptions = true)
public final class SpeculationCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, description = "a model's folder")
    private Path model;

    @Option(names = "--adapter", required = true, description = "a folder that PEFT or a training wrote")
    private Path adapter;

    @Option(
            names = "--questions",
            required = true,
            split = ",",
            description = "files of rows, each asked for itself: .jsonl, or .json with an array")
    private List<Path> questions;

    @Option(
            names = "--acceptance",
            defaultValue = "examples/self_cognition/acceptance.json",
            description = "questions whose answers drafts are made from too (default: ${DEFAULT-VALUE})")
    private Path acceptance;

    @Option(
            names = "--system",
            defaultValue = "You are a helpful assistant.",
            description = "the adapter's system prompt (default: ${DEFAULT-VALUE})")
    private String system;

    @Option(
            names = "--dtype",
            defaultValue = "float32",
            description = "float32 or bfloat16 (default: ${DEFAULT-VALUE})")
    private String dtype;

    @Option(names = "--quantization", defaultValue = "none", description = "of the weights (default: ${DEFAULT-VALUE})")
    private String quantization;

    @Option(names = "--limit", defaultValue = "50", description = "questions of a file (default: ${DEFAULT-VALUE})")
    private int limit;

    @Option(names = "--tokens", defaultValue = "128", description = "an answer at most (default: ${DEFAULT-VALUE})")
    private int tokens;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "in turns; the best counts (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        var results = new Results("speculation")
                .setting("model", model.getFileName())
                .setting("dtype", dtype)
                .setting("quantization", quantization)
                .setting("tokens of an answer at most", tokens);
        List<String> known = QuestionFile.read(acceptance, limit);
        for (Path file : questions) {
            List<String> asked = QuestionFile.read(file, limit);
            Map<Speculation, Answers> best = new LinkedHashMap<>();
            for (int round = 0; round < rounds; round++) {
                for (Speculation speculation : Speculation.values()) {
                    best.merge(speculation, ask(speculation, asked, known), Answers::better);
                }
            }
            List<List<Integer>> plain = best.get(Speculation.OFF).tokens();
            best.forEach((speculation, answers) -> results.row(
                    file.getFileName() + ", " + speculation.id(),
                    figures(answers, plain).toArray(Figure[]::new)));
        }
        return report.report(results);
    }

    private static List<Figure> figures(Answers answers, List<List<Integer>> plain) {
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of("decode", answers.tokensPerSecond(), "tokens/s"));
        figures.add(Figure.of("tokens of a step", answers.tokensPerStep(), ""));
        figures.add(Figure.of("drafts that held", 100 * answers.accepted(), "%"));
        figures.add(Figure.of("answers as without", 100 * answers.sameAs(plain), "%"));
        return figures;
    }

    /** Engines one after the other, since the OpenMP threads of two wait for each other. */
    private Answers ask(Speculation speculation, List<String> asked, List<String> known) {
        DType type = DType.ofTorchName(dtype)
                .orElseThrow(() -> new EngineException("dtype: expected float32 or bfloat16, found '" + dtype + "'"));
        var options = new InferenceOptions(model, Device.CPU, type, Batching.of(1, 1024), Loras.DEFAULT)
                .with(Quantization.of(quantization))
                .with(speculation);
        return Answers.of(options, adapter, system, asked, known, tokens);
    }
}
