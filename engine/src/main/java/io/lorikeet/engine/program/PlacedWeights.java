package io.lorikeet.engine.program;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.DecoderLayout.Weight;
import io.lorikeet.engine.program.NativeTensors.Form;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Weights as they are on a GPU, in memory that other processes have too. Below the rows of a matrix each process keeps its own
 * adapters' A's, so that one product gives both; so a matrix is mapped up to its last whole page, and what is left of it begins
 * memory of the process's own. Those ends, and the vectors, lie in a last piece and are copied from there.
 */
final class PlacedWeights {
    private static final byte[] NOTHING_MORE = {'{', '}'};
    private static final byte[] NOT_OPAQUE = {};

    private final TorchModule module;
    private final ProgramOptions options;
    private final DeviceChunks chunks;
    private final List<Weight> weights = new ArrayList<>();
    /** Bytes of each that others have too. */
    private final List<Long> shared = new ArrayList<>();

    PlacedWeights(TorchModule module, ProgramOptions options, DeviceChunks chunks) {
        this.module = module;
        this.options = options;
        this.chunks = chunks;
        DecoderLayout layout = options.layout();
        for (int layer = 0; layer < options.config().numHiddenLayers(); layer++) {
            weights.addAll(layout.layerWeights());
        }
        weights.addAll(layout.modelWeights());
    }

    /** Makes room for the weights, of which most may be filled already. */
    void allocate() {
        long[] rooms = module.infer("weight_rooms", IValue::toLongArray);
        // with autograd on, or training could not use what is made
        module.apply("place_weights", t -> {
            List<PtNDArray> given = new ArrayList<>();
            int inLayers = weights.size() - options.layout().modelWeights().size();
            for (int i = 0; i < weights.size(); i++) {
                given.add(place(weights.get(i), i < inLayers ? rooms[i % rooms.length] : 0, t));
            }
            return t.list("given", given);
        });
    }

    private PtNDArray place(Weight weight, long room, Tensors t) {
        long bytes = bytes(weight);
        long body = bytes / chunks.granularity() * chunks.granularity();
        shared.add(body);
        int dtype = options.dtype().torchCode();
        if (body == 0) {
            return t.of(new float[0], 0);
        }
        long own = bytes - body + room * weight.columns() * options.dtype().byteSize();
        long[] shape = {weight.rows() + room, weight.columns()};
        return t.over(chunks.place(body, own), new Form(dtype, shape, NOT_OPAQUE), options.device());
    }

    /** Everything is loaded: others may have it. */
    void publish() {
        copyEnds(true);
        chunks.publish(NOTHING_MORE);
    }

    /** Takes over what is not in pieces of its own. */
    void map() {
        copyEnds(false);
    }

    private void copyEnds(boolean there) {
        try (Tensors t = module.tensors()) {
            PtNDArray[] tensors = module.infer("all_weights", t::tensors);
            long size = Stream.iterate(0, i -> i < tensors.length, i -> i + 1)
                    .mapToLong(i -> bytes(weights.get(i)) - shared.get(i))
                    .sum();
            long at = chunks.piece("ends", size);
            for (int i = 0; i < tensors.length; i++) {
                long bytes = bytes(weights.get(i)) - shared.get(i);
                if (bytes > 0) {
                    long here = NativeTensors.address(tensors[i]) + shared.get(i);
                    chunks.copy(there ? here : at, there ? at : here, bytes);
                    at += bytes;
                }
            }
        }
    }

    private long bytes(Weight weight) {
        return (long) weight.rows()
                * Math.max(1, weight.columns())
                * options.dtype().byteSize();
    }
}
