package io.lorikeet.engine.program;

import ai.djl.pytorch.engine.PtNDArray;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.DecoderLayout.Place;
import io.lorikeet.engine.program.NativeTensors.Form;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Embedding and output matrix where they lie in the checkpoint's files, in the files' own type, for as long as a program serves
 * with them on a processor. Of an embedding a step reads a row for each token, so that hardly any of it is ever in memory; the
 * output matrix is read once, to become what its products read.
 */
final class MappedEnds implements AutoCloseable {
    private static final byte[] NOT_OPAQUE = {};

    private final DecoderLayout layout;
    private final List<Safetensors> files = new ArrayList<>();
    /** By their place among the program's weights. */
    private final Map<Integer, TensorSlice> slices = new TreeMap<>();

    MappedEnds(ProgramOptions options, ModelCheckpoint checkpoint) {
        layout = options.layout();
        for (Place place : layout.places()) {
            String name = place.tensor().name();
            if (isEnd(name)) {
                Safetensors file = checkpoint.reopen(name);
                files.add(file);
                slices.put(place.weight(), file.tensor(name));
            }
        }
    }

    /** Whether a program has them so: not one whose weights are trained, or read as they are. */
    static boolean areOf(ProgramOptions options) {
        return options.weights() != WeightFormat.DENSE
                && !options.device().isCuda()
                && options.trainedLora().index().isEmpty();
    }

    static boolean isEnd(String tensor) {
        return tensor.equals(DecoderLayout.EMBED_TOKENS) || tensor.equals(DecoderLayout.LM_HEAD);
    }

    /** Makes room for all other weights. */
    void allocate(TorchModule module) {
        module.apply("place_weights", t -> {
            List<PtNDArray> given = new ArrayList<>();
            for (int i = 0; i < layout.weightCount(); i++) {
                given.add(slices.containsKey(i) ? over(slices.get(i), t) : t.of(new float[0], 0));
            }
            return t.list("given", given);
        });
    }

    private static PtNDArray over(TensorSlice slice, Tensors t) {
        return t.over(
                slice.bytes().address(), new Form(slice.dtype().torchCode(), slice.shape(), NOT_OPAQUE), Device.CPU);
    }

    /** Nobody will read much of them for a while. */
    void unload() {
        slices.values().forEach(TensorSlice::unload);
    }

    /** No program may look at them any more. */
    @Override
    public void close() {
        files.forEach(Safetensors::close);
    }
}
