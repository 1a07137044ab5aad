package io.lorikeet.engine.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.TrainingExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * What transformers and PEFT computed, from the files of a reference folder.
 *
 * @param inputIds rows of token ids, [rows][tokens]
 * @param logits [rows·tokens·vocabSize], of the base model
 * @param trainedLogits the same with adapter-trained
 * @param promptLength tokens of each row that the greedy continuations begin with
 * @param greedy the continuations, [rows][new tokens]
 * @param batches rows of each optimiser step, padding removed
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record Reference(
        int[][] inputIds,
        float[] logits,
        float[] trainedLogits,
        int promptLength,
        int[][] greedy,
        List<List<TrainingExample>> batches,
        Training training) {
    private static final String GREEDY = "greedy_from_first_";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The reference's training: settings and what came of each step. */
    record Training(
            AdamW adamW,
            double loraPlusLrRatio,
            double learningRate,
            String schedule,
            int warmupSteps,
            double maxGradNorm,
            List<Double> loss,
            List<Double> gradNorm,
            List<Double> learningRates) {}

    static Reference read(Path folder) {
        try (Safetensors expected = Safetensors.open(folder.resolve("expected.safetensors"));
                Safetensors batches = Safetensors.open(folder.resolve("training-batches.safetensors"))) {
            JsonNode training =
                    JSON.readTree(folder.resolve("training-expected.json").toFile());
            TensorSlice greedy = expected.tensors().values().stream()
                    .filter(tensor -> tensor.name().startsWith(GREEDY))
                    .findFirst()
                    .orElseThrow(() -> new CheckpointException(folder.resolve("expected.safetensors")
                            + ": expected a tensor " + GREEDY + "N, found none"));
            return new Reference(
                    rows(tensor(expected, "input_ids", folder)),
                    tensor(expected, "logits", folder).toFloats(),
                    tensor(expected, "logits_with_trained_adapter", folder).toFloats(),
                    Integer.parseInt(greedy.name().substring(GREEDY.length())),
                    rows(greedy),
                    batches(batches, training.path("micro_batches_per_step").asInt(), folder),
                    training(training));
        } catch (IOException e) {
            throw new CheckpointException(
                    folder.resolve("training-expected.json") + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Training training(JsonNode json) {
        return new Training(
                new AdamW(
                        json.path("betas").path(0).asDouble(),
                        json.path("betas").path(1).asDouble(),
                        json.path("eps").asDouble(),
                        json.path("weight_decay").asDouble()),
                json.path("lora_plus_lr_ratio").asDouble(1),
                json.path("learning_rate").asDouble(),
                json.path("schedule").asText(),
                json.path("warmup_steps").asInt(),
                json.path("max_grad_norm").asDouble(),
                doubles(json.path("loss_by_step")),
                doubles(json.path("grad_norm_before_clip_by_step")),
                doubles(json.path("lr_by_step")));
    }

    private static List<Double> doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asDouble)
                .toList();
    }

    /** Micro-batches [steps·accumulation, b, t] as the rows of each step, without their padding. */
    private static List<List<TrainingExample>> batches(Safetensors microBatches, int accumulation, Path folder) {
        int[][] ids = rows(tensor(microBatches, "input_ids", folder));
        int[][] labels = rows(tensor(microBatches, "labels", folder));
        int[][] mask = rows(tensor(microBatches, "attention_mask", folder));
        long[] shape = tensor(microBatches, "input_ids", folder).shape();
        int rowsPerStep = Math.toIntExact(accumulation * shape[1]);
        List<List<TrainingExample>> batches = new ArrayList<>();
        for (int row = 0; row < ids.length; row++) {
            if (row % rowsPerStep == 0) {
                batches.add(new ArrayList<>());
            }
            int length = Arrays.stream(mask[row]).sum();
            batches.getLast()
                    .add(new TrainingExample(Arrays.copyOf(ids[row], length), Arrays.copyOf(labels[row], length)));
        }
        return batches;
    }

    /** The innermost dimension as rows. */
    static int[][] rows(TensorSlice tensor) {
        long[] shape = tensor.shape();
        int columns = Math.toIntExact(shape[shape.length - 1]);
        long[] values = tensor.toLongs();
        int[][] rows = new int[values.length / columns][columns];
        for (int i = 0; i < values.length; i++) {
            rows[i / columns][i % columns] = Math.toIntExact(values[i]);
        }
        return rows;
    }

    static TensorSlice tensor(Safetensors file, String name, Path folder) {
        TensorSlice slice = file.tensors().get(name);
        if (slice == null) {
            throw new CheckpointException(folder + ": expected a tensor " + name + ", found "
                    + file.tensors().keySet());
        }
        return slice;
    }
}
