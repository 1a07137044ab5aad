package io.lorikeet.engine.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.DecoderProgram;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/** Writes a trained model as a checkpoint directory that Hugging Face's libraries load. */
final class ModelWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Files that describe the model and do not change with its weights. */
    private static final List<String> COPIED =
            List.of("generation_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt");

    private ModelWriter() {}

    /**
     * @param base directory that the training began with; its configuration and tokenizer are taken over
     * @param dtype of the written weights: F32 or BF16
     */
    static void write(DecoderProgram program, Path base, DType dtype, Path directory) {
        if (!dtype.isWeight()) {
            throw new TrainingException("dtype of a saved model: expected F32, BF16 or F16, found " + dtype);
        }
        var writer = new SafetensorsWriter();
        try (ModelCheckpoint shapes = ModelCheckpoint.open(base)) {
            for (String name : program.weightNames()) {
                writer.add(name, dtype, shapes.tensor(name).shape(), () -> encode(program.readWeight(name), dtype));
            }
            Files.createDirectories(directory);
            writer.write(directory.resolve("model.safetensors"));
            describe(shapes, Optional.of(dtype), directory);
        } catch (IOException e) {
            throw new CheckpointException(directory + ": the model cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Puts a base's tokenizer and configuration beside written weights.
     *
     * @param dtype what config.json says the weights are; empty: what the base's says
     */
    static void describe(ModelCheckpoint checkpoint, Optional<DType> dtype, Path directory) throws IOException {
        Path base = checkpoint.directory();
        for (String file : COPIED) {
            if (Files.exists(base.resolve(file))) {
                Files.copy(base.resolve(file), directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        // the configuration last, so that a directory with one is whole
        ObjectNode config =
                (ObjectNode) JSON.readTree(base.resolve("config.json").toFile());
        dtype.ifPresent(type -> config.put(config.has("dtype") ? "dtype" : "torch_dtype", type.torchName()));
        config.remove("quantization_config");
        if (!checkpoint.config().tieWordEmbeddings()) {
            // the base's may say otherwise
            config.put("tie_word_embeddings", false);
        }
        Files.writeString(
                directory.resolve("config.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
    }

    /** The bytes of float32 values in another type: little-endian, rounded to nearest, ties to even. */
    static MemorySegment encode(float[] values, DType dtype) {
        return switch (dtype) {
            case F32 -> toFloat32(values);
            case BF16 -> toBfloat16(values);
            case F16 -> toFloat16(values);
            case BOOL, U8, I8, I16, I32, I64, F64 ->
                throw new TrainingException("dtype of a saved model: expected F32, BF16 or F16, found " + dtype);
        };
    }

    private static MemorySegment toFloat32(float[] values) {
        MemorySegment bytes = bytes(values.length, Float.BYTES);
        MemorySegment.copy(
                values,
                0,
                bytes,
                ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                0,
                values.length);
        return bytes;
    }

    private static MemorySegment toFloat16(float[] values) {
        MemorySegment bytes = bytes(values.length, Short.BYTES);
        for (int i = 0; i < values.length; i++) {
            bytes.setAtIndex(SHORT, i, Float.floatToFloat16(values[i]));
        }
        return bytes;
    }

    private static MemorySegment bytes(int values, int size) {
        return MemorySegment.ofArray(new byte[Math.multiplyExact(values, size)]);
    }

    /** Rounds to the nearest bfloat16, ties to even, as PyTorch does. */
    private static MemorySegment toBfloat16(float[] values) {
        MemorySegment bytes = bytes(values.length, Short.BYTES);
        for (int i = 0; i < values.length; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            int rounded = bits + 0x7fff + ((bits >>> 16) & 1);
            bytes.setAtIndex(SHORT, i, (short) (rounded >>> 16));
        }
        return bytes;
    }
}
