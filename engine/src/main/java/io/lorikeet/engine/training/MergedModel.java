package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A base model with an adapter's change in its weights: W + scale · B·A for each adapted W, computed in float32. The result
 * is a model like any other, which Hugging Face's libraries load, and which can have no other adapter's name.
 */
public final class MergedModel {
    private MergedModel() {}

    /**
     * Writes it as a checkpoint directory.
     *
     * @param adapter folder as PEFT writes it
     * @param dtype of the written weights, F32 or BF16; empty: each as the base has it. Rounding the sum to bfloat16 can
     *     change an answer whose first choices are close; float32 never does
     * @param directory where to; made if it is not there
     * @throws io.lorikeet.engine.adapter.AdapterException if the adapter does not belong on the base
     */
    public static void write(Path base, Path adapter, Optional<DType> dtype, Path directory) {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(base)) {
            PeftAdapter read = PeftAdapter.read(adapter, checkpoint.config());
            Map<String, LoraWeights> changes = new HashMap<>();
            for (Map.Entry<LoraTarget, LoraWeights> pair : read.weights().entrySet()) {
                changes.put(pair.getKey() + ".weight", pair.getValue());
            }
            float scale = (float) read.config().scale();
            int r = read.config().r();
            var writer = new SafetensorsWriter();
            for (TensorSlice tensor : checkpoint.tensors().values()) {
                LoraWeights change = changes.get(tensor.name());
                DType written = dtype.orElse(tensor.dtype());
                if (change == null && written == tensor.dtype()) {
                    writer.add(tensor);
                } else {
                    writer.add(
                            tensor.name(),
                            written,
                            tensor.shape(),
                            () -> ModelWriter.encode(merged(tensor, Optional.ofNullable(change), r, scale), written));
                }
            }
            Files.createDirectories(directory);
            writer.write(directory.resolve("model.safetensors"));
            ModelWriter.describe(base, dtype, directory);
        } catch (IOException e) {
            throw new CheckpointException(directory + ": the model cannot be written: " + e.getMessage(), e);
        }
    }

    /** W [out, in] + scale · B [out, r] · A [r, in], row-major. */
    private static float[] merged(TensorSlice tensor, Optional<LoraWeights> change, int r, float scale) {
        float[] w = tensor.toFloats();
        if (change.isEmpty()) {
            return w;
        }
        float[] a = change.get().a();
        float[] b = change.get().b();
        int in = a.length / r;
        IntStream.range(0, w.length / in).parallel().forEach(row -> {
            for (int k = 0; k < r; k++) {
                float factor = scale * b[row * r + k];
                for (int column = 0; column < in; column++) {
                    w[row * in + column] += factor * a[k * in + column];
                }
            }
        });
        return w;
    }
}
