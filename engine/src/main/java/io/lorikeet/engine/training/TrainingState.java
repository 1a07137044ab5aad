package io.lorikeet.engine.training;

import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.program.TrainingProgram;
import io.lorikeet.engine.program.TrainingProgram.Kept;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything of a training that a resumed one needs to go on bit for bit: parameters, both moments and the count of steps
 * and updates, as one safetensors file.
 */
final class TrainingState {
    private static final String STEPS = "steps";
    private static final String UPDATES = "updates";

    private TrainingState() {}

    static void save(TrainingProgram program, List<String> parameters, long steps, Path file) {
        var writer = new SafetensorsWriter();
        for (Kept kept : Kept.values()) {
            for (int i = 0; i < parameters.size(); i++) {
                float[] values = program.read(kept, i);
                writer.add(name(kept, parameters.get(i)), new long[] {values.length}, values);
            }
        }
        // counts stay exact as float32 pairs: the low 20 bits, and what is above them
        writer.add(STEPS, new long[] {2}, split(steps));
        writer.add(UPDATES, new long[] {2}, split(program.readUpdates()));
        writer.write(file);
    }

    /** Returns the number of steps done. */
    static long load(TrainingProgram program, List<String> parameters, Path file) {
        try (Safetensors saved = Safetensors.open(file)) {
            List<Runnable> writes = new ArrayList<>();
            for (Kept kept : Kept.values()) {
                for (int i = 0; i < parameters.size(); i++) {
                    int parameter = i;
                    float[] values = values(saved, name(kept, parameters.get(i)), file);
                    int expected = program.read(kept, i).length;
                    if (values.length != expected) {
                        throw new TrainingException(file + ": " + name(kept, parameters.get(i)) + ": expected "
                                + expected + " values for this training, found " + values.length);
                    }
                    writes.add(() -> program.write(kept, parameter, values));
                }
            }
            long updates = join(values(saved, UPDATES, file));
            long steps = join(values(saved, STEPS, file));
            writes.forEach(Runnable::run);
            program.writeUpdates(updates);
            return steps;
        } catch (CheckpointException e) {
            throw new TrainingException("the training state cannot be read: " + e.getMessage(), e);
        }
    }

    private static float[] values(Safetensors saved, String name, Path file) {
        TensorSlice slice = saved.tensors().get(name);
        if (slice == null) {
            throw new TrainingException(
                    file + ": has no " + name + "; it is the state of a training with other parameters");
        }
        return slice.toFloats();
    }

    private static String name(Kept kept, String parameter) {
        return switch (kept) {
                    case PARAMETER -> "parameter.";
                    case EXP_AVG -> "exp_avg.";
                    case EXP_AVG_SQ -> "exp_avg_sq.";
                }
                + parameter;
    }

    private static float[] split(long count) {
        return new float[] {count & 0xfffff, count >> 20};
    }

    private static long join(float[] parts) {
        return (long) parts[0] | ((long) parts[1] << 20);
    }
}
