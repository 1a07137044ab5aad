package io.lorikeet.engine.program;

import ai.djl.ndarray.NDList;
import io.lorikeet.engine.checkpoint.CheckpointQuantization;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.LinearModule;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Brings linear modules that come quantised to their layer, as they are. */
final class QuantizedTensors {
    private static final List<String> PARTS = List.of("qweight", "qzeros", "scales", "g_idx");

    private final TorchModule module;
    private final ModelCheckpoint checkpoint;
    private final CheckpointQuantization quantization;

    QuantizedTensors(TorchModule module, ModelCheckpoint checkpoint, CheckpointQuantization quantization) {
        this.module = module;
        this.checkpoint = checkpoint;
        this.quantization = quantization;
    }

    void load(int layer) {
        // the order of the stacks' modules
        for (LinearModule linear : LinearModule.values()) {
            load(linear.path(layer) + ".", linear);
        }
        module.apply("finish_prequantized", t -> new NDList(t.of((long) layer)));
    }

    private void load(String path, LinearModule linear) {
        int in = linear.inFeatures(checkpoint.config());
        TensorSlice scales = checkpoint.tensor(path + "scales");
        Optional<TensorSlice> order = order(path, in);
        long[] what = {
            linear.outFeatures(checkpoint.config()),
            in,
            in / quantization.group(in),
            quantization.bits(),
            scales.dtype().torchCode(),
            quantization.method() == CheckpointQuantization.Method.AWQ ? 1 : 0,
            quantization.zerosLessOne() ? 1 : 0,
            order.isPresent() ? 1 : 0
        };
        module.apply(
                "load_prequantized",
                t -> new NDList(
                        t.of(checkpoint.tensor(path + "qweight").bytes().asByteBuffer()),
                        t.of(checkpoint.tensor(path + "qzeros").bytes().asByteBuffer()),
                        t.of(scales.bytes().asByteBuffer()),
                        t.of(order.orElse(scales).bytes().asByteBuffer()),
                        t.of(what)));
        for (String part : PARTS) {
            Optional.ofNullable(checkpoint.tensors().get(path + part)).ifPresent(TensorSlice::unload);
        }
    }

    /** The group of each input, if it is not the one that its place says: inputs quantised in another order. */
    private Optional<TensorSlice> order(String path, int in) {
        return Optional.ofNullable(checkpoint.tensors().get(path + "g_idx")).filter(slice -> {
            int[] groups = slice.toInts();
            return IntStream.range(0, in).anyMatch(i -> groups[i] != i / quantization.group(in));
        });
    }
}
