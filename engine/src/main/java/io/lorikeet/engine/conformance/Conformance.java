package io.lorikeet.engine.conformance;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.generation.BatchGenerator;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.TextDecoder;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.training.LearningRateSchedule;
import io.lorikeet.engine.training.StepResult;
import io.lorikeet.engine.training.TrainingException;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Compares this engine with transformers and PEFT on a folder of their results: model/, adapter-initial/, adapter-trained/,
 * expected.safetensors, training-batches.safetensors, training-expected.json. Logits and greedy tokens come from the
 * program and the scheduler that serve, the trajectory from the session that trains.
 */
public final class Conformance {
    /**
     * How far figures may be apart. In float32 differences are absolute, each number's own; in bfloat16, which rounds every
     * activation to 8 bits, those of logits are relative, of all numbers together (‖a-b‖ / ‖b‖).
     */
    record Bounds(double logits, double loss, double gradNorm, double trainedLogits) {
        static final Bounds F32 = new Bounds(1e-4, 1e-4, 1e-3, 1e-3);
        static final Bounds BF16 = new Bounds(2e-2, 2e-2, 5e-2, 2e-2);

        static Bounds of(DType dtype) {
            return dtype == DType.BF16 ? BF16 : F32;
        }
    }

    /** Rows of a step go in micro-batches of at most this many tokens, so that batches are split as in earnest. */
    private static final int TOKENS_PER_PASS = 100;

    private final Path folder;
    private final Reference reference;
    private final Consumer<Check> report;
    private final Device device;
    private final DType dtype;
    private final Bounds bounds;
    private boolean ok = true;

    private Conformance(Path folder, Device device, Consumer<Check> report) {
        this.folder = folder;
        this.device = device;
        this.dtype = device.dtype();
        this.bounds = Bounds.of(dtype);
        this.reference = Reference.read(folder);
        this.report = report;
    }

    /**
     * Runs what a folder is a reference for: {@link AdapterKinds}, a {@link LongPrompt}, or serving and training with one adapter.
     *
     * @return whether all comparisons are within their bounds
     */
    public static boolean run(Path folder, Device device, Consumer<Check> report) {
        if (Files.isDirectory(folder.resolve(AdapterKinds.FOLDER))) {
            return AdapterKinds.run(folder, device, report);
        }
        return Files.exists(folder.resolve(LongPrompt.FILE))
                ? LongPrompt.run(folder, device, report)
                : runAll(folder, device, report);
    }

    /**
     * Runs every comparison, reports each as it is done, and returns whether all are within their bounds.
     *
     * @param device in float32 on the processor; in bfloat16 on CUDA, where greedy tokens are not compared: one that is
     *     rounded the other way changes all that follow
     */
    private static boolean runAll(Path folder, Device device, Consumer<Check> report) {
        var conformance = new Conformance(folder, device, report);
        conformance.serving();
        conformance.decoding();
        conformance.training(conformance.rotaryDtype());
        return conformance.ok;
    }

    private void check(String what, double difference, double bound) {
        var check = new Check(what, difference, bound);
        ok &= check.ok();
        report.accept(check);
    }

    private void serving() {
        DType rotary = rotaryDtype();
        serve(rotary, (program, generator) -> {
            String frequencies = rotary == DType.F32 ? "" : " (rotary frequencies in bfloat16)";
            check("logits" + frequencies, baseDifference(generator), bounds.logits());
            if (dtype == DType.F32) {
                check("greedy tokens", differentTokens(generator), 0);
            }
            PeftAdapter trained = PeftAdapter.read(
                    folder.resolve("adapter-trained"), program.options().config());
            check(
                    "logits with adapter-trained",
                    difference(ids -> generator.logits(ids, Optional.of(trained)), reference.trainedLogits()),
                    bounds.logits());
            return null;
        });
    }

    /** Decode steps on a GPU, which may be kernels of our own; on a processor they are what {@link #serving} ran. */
    private void decoding() {
        if (device.isCuda()) {
            DecodeSteps.run(folder, device, reference.inputIds(), bounds.logits())
                    .forEach(check -> check(check.what(), check.difference(), check.bound()));
        }
    }

    /**
     * A checkpoint in bfloat16 has two possible references: a model that was loaded from it keeps its rotary frequencies in
     * float32, one that was cast to bfloat16 as a whole has them rounded. Loading is what everyone does and what this
     * engine does; only if a reference does not agree with it at all is the other tried.
     */
    private DType rotaryDtype() {
        DType stored = serve(
                DType.F32, (program, generator) -> program.options().config().dtype());
        if (stored != DType.BF16) {
            return DType.F32;
        }
        double loaded = serve(DType.F32, (program, generator) -> baseDifference(generator));
        double cast = serve(DType.BF16, (program, generator) -> baseDifference(generator));
        return loaded > bounds.logits() && cast < loaded ? DType.BF16 : DType.F32;
    }

    private double baseDifference(BatchGenerator generator) {
        return difference(ids -> generator.logits(ids, Optional.empty()), reference.logits());
    }

    private double differentTokens(BatchGenerator generator) {
        List<int[]> prompts = Arrays.stream(reference.inputIds())
                .map(row -> Arrays.copyOf(row, reference.promptLength()))
                .toList();
        int newTokens = reference.greedy()[0].length;
        List<GenerationResult> answers = generator.generate(
                prompts, Optional.empty(), Set.of(), newTokens, TextDecoder::none, Runnable::run, () -> {});
        int different = 0;
        for (int row = 0; row < answers.size(); row++) {
            for (int t = 0; t < newTokens; t++) {
                different += answers.get(row).tokens().get(t) == reference.greedy()[row][t] ? 0 : 1;
            }
        }
        return different;
    }

    private void training(DType rotary) {
        Reference.Training expected = reference.training();
        if (!expected.schedule().startsWith("cosine with linear warmup")) {
            throw new TrainingException(folder.resolve("training-expected.json")
                    + ": schedule: expected 'cosine with linear warmup to 0', found '" + expected.schedule() + "'");
        }
        try (TrainingSession session = session(rotary)) {
            PeftAdapter initial = PeftAdapter.read(folder.resolve("adapter-initial"), session.config());
            session.loadAdapter(initial);
            int steps = reference.batches().size();
            var schedule = new LearningRateSchedule(
                    LearningRateSchedule.Type.COSINE, expected.learningRate(), expected.warmupSteps(), steps);
            double loss = 0;
            double gradNorm = 0;
            double learningRate = 0;
            for (int step = 0; step < steps; step++) {
                StepResult result = session.step(reference.batches().get(step), schedule.at(step));
                loss = Math.max(loss, Math.abs(result.loss() - expected.loss().get(step)));
                double norm = expected.gradNorm().get(step);
                gradNorm = Math.max(gradNorm, Math.abs(result.gradNorm() - norm) / norm);
                learningRate = Math.max(
                        learningRate,
                        Math.abs(schedule.at(step) - expected.learningRates().get(step)));
            }
            check("training loss, " + steps + " steps", loss, bounds.loss());
            check("training gradient norm, relative", gradNorm, bounds.gradNorm());
            check("learning rate", learningRate, 0);
            check(
                    "logits after training",
                    difference(session::logits, reference.trainedLogits()),
                    bounds.trainedLogits());
        }
    }

    private TrainingSession session(DType rotary) {
        ModelConfig config = ConfigReader.read(folder.resolve("model").resolve("config.json"));
        LoraConfig lora =
                PeftAdapter.read(folder.resolve("adapter-initial"), config).config();
        return TrainingSession.start(new TrainingOptions(
                        folder.resolve("model"),
                        List.of(device),
                        dtype,
                        rotary,
                        Optional.of(lora),
                        reference.training().adamW(),
                        reference.training().maxGradNorm(),
                        0,
                        TOKENS_PER_PASS,
                        false)
                .withLoraPlus(reference.training().loraPlusLrRatio()));
    }

    private interface Logits {
        float[] of(int[] inputIds);
    }

    private double difference(Logits logits, float[] expected) {
        var difference = new Difference(expected);
        for (int[] row : reference.inputIds()) {
            difference.add(logits.of(row));
        }
        return difference.in(dtype);
    }

    private <T> T serve(DType rotary, ReferenceModel.Use<T> use) {
        return new ReferenceModel(folder, device)
                .serve(
                        rotary,
                        reference.inputIds().length,
                        model -> PeftAdapter.read(folder.resolve("adapter-trained"), model)
                                .rank(),
                        use);
    }
}
