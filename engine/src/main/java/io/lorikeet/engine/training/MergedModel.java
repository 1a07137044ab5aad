package io.lorikeet.engine.training;

import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.Quantization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A base model with an adapter's change in its weights: W + scale · B·A for each adapted W, with DoRA its rows brought to their
 * magnitudes, computed in float32. The result is a model like any other, which Hugging Face's libraries load, and which can have
 * no other adapter's name.
 */
public final class MergedModel {
    private MergedModel() {}

    /**
     * Writes it as a checkpoint directory.
     *
     * @param adapter folder as PEFT writes it
     * @param quantization of the base that the adapter was trained over. Its change goes to what the quantised weights stand for in
     *     bfloat16, so that the result answers as the adapter does over that base, and takes as much memory as any model
     * @param dtype of the written weights, F32 or BF16; empty: each as the base has it. Rounding the sum to bfloat16 can
     *     change an answer whose first choices are close; float32 never does
     * @param directory where to; made if it is not there
     * @throws AdapterException if the adapter does not belong on the base
     */
    public static void write(
            Path base, Path adapter, Quantization quantization, Optional<DType> dtype, Path directory) {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(base);
                BaseWeights weights = weights(checkpoint, quantization)) {
            PeftAdapter read = PeftAdapter.read(adapter, checkpoint.config());
            Map<String, UnaryOperator<float[]>> changes = changes(read, checkpoint);
            var writer = new SafetensorsWriter();
            DecoderLayout.of(checkpoint.config()).shapes().forEach((name, shape) -> {
                Optional<TensorSlice> tensor =
                        Optional.ofNullable(checkpoint.tensors().get(name));
                DType own = tensor.map(TensorSlice::dtype).orElse(DType.BF16);
                DType written = dtype.orElse(own);
                boolean asItIs = quantization == Quantization.NONE && !changes.containsKey(name);
                if (tensor.isPresent() && asItIs && written == own) {
                    writer.add(tensor.get());
                } else {
                    UnaryOperator<float[]> change = changes.getOrDefault(name, UnaryOperator.identity());
                    writer.add(name, written, shape, () -> ModelWriter.encode(change.apply(weights.of(name)), written));
                }
            });
            Files.createDirectories(directory);
            writer.write(directory.resolve("model.safetensors"));
            ModelWriter.describe(checkpoint, dtype, directory);
        } catch (IOException e) {
            throw new CheckpointException(directory + ": the model cannot be written: " + e.getMessage(), e);
        }
    }

    /** Where the base's values come from. */
    private interface BaseWeights extends AutoCloseable {
        float[] of(String name);

        @Override
        default void close() {}
    }

    private static BaseWeights weights(ModelCheckpoint checkpoint, Quantization quantization) {
        if (quantization == Quantization.NONE && checkpoint.quantization().isEmpty()) {
            return name -> checkpoint.tensor(name).toFloats();
        }
        var dequantized = new DequantizedModel(checkpoint, quantization, DType.BF16);
        return new BaseWeights() {
            @Override
            public float[] of(String name) {
                return dequantized.weight(name);
            }

            @Override
            public void close() {
                dequantized.close();
            }
        };
    }

    /** What becomes of the base's tensors, by their names; each change may write to the values that it is given. */
    private static Map<String, UnaryOperator<float[]>> changes(PeftAdapter adapter, ModelCheckpoint base) {
        Map<String, UnaryOperator<float[]>> changes = new HashMap<>();
        adapter.weights().forEach((target, weights) -> {
            int r = adapter.config().r(target);
            float scale = (float) adapter.config().scale(target);
            changes.put(target + ".weight", w -> merged(w, weights, r, scale));
            String bias = target + ".bias";
            weights.bias().ifPresent(trained -> changes.put(bias, _ -> trained.clone()));
            weights.loraBias().ifPresent(added -> {
                if (!base.tensors().containsKey(bias)) {
                    throw new AdapterException(
                            AdapterException.Reason.UNSUPPORTED_CONFIG,
                            "lora_bias: " + target + " has no bias in this architecture, so B's cannot be merged into"
                                    + " it; the adapter can be served as it is");
                }
                changes.merge(
                        bias,
                        values -> sum(values, added, scale),
                        (first, then) -> values -> then.apply(first.apply(values)));
            });
        });
        return changes;
    }

    private static float[] sum(float[] values, float[] added, float scale) {
        for (int i = 0; i < values.length; i++) {
            values[i] += scale * added[i];
        }
        return values;
    }

    /** W [out, in] + scale · B [out, r] · A [r, in], row-major; each row then brought to its magnitude, if it has one. */
    private static float[] merged(float[] w, LoraWeights weights, int r, float scale) {
        float[] a = weights.a();
        float[] b = weights.b();
        int in = a.length / r;
        IntStream.range(0, w.length / in).parallel().forEach(row -> {
            for (int k = 0; k < r; k++) {
                float factor = scale * b[row * r + k];
                for (int column = 0; column < in; column++) {
                    w[row * in + column] += factor * a[k * in + column];
                }
            }
            weights.magnitude().ifPresent(magnitude -> bring(w, row * in, in, magnitude[row]));
        });
        return w;
    }

    private static void bring(float[] w, int from, int length, float norm) {
        double squares = 0;
        for (int i = from; i < from + length; i++) {
            squares += (double) w[i] * w[i];
        }
        float factor = (float) (norm / Math.sqrt(squares));
        for (int i = from; i < from + length; i++) {
            w[i] *= factor;
        }
    }
}
