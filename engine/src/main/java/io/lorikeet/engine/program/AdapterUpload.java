package io.lorikeet.engine.program;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.AdapterLayer.VectorKind;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Brings layers of adapters to their slots, to a CUDA device through page-locked memory, so that nobody waits for them. */
final class AdapterUpload implements AutoCloseable {
    private final TorchModule module;
    private final DecoderLayout layout;
    private final Optional<PinnedStaging> staging;

    AdapterUpload(ProgramOptions options, TorchModule module) {
        this.module = module;
        layout = options.layout();
        staging = module.stream()
                .map(stream -> new PinnedStaging(stream, AdapterLayer.bytes(options.config(), options.maxLoraRank())));
    }

    void load(AdapterPlace place, int layer, AdapterLayer adapter) {
        List<AdapterLayer.Module> modules = adapter.modules();
        List<Integer> vectorOf = new ArrayList<>();
        List<Integer> vectorKinds = new ArrayList<>();
        for (int m = 0; m < modules.size(); m++) {
            for (VectorKind kind : modules.get(m).vectors().keySet()) {
                vectorOf.add(m);
                vectorKinds.add(kind.number);
            }
        }
        try (Tensors t = module.tensors()) {
            PtNDArray[] staged = staged(adapter.matrices(), t);
            int matrices = 2 * modules.size();
            PtNDArray[] vectors = Arrays.copyOfRange(staged, matrices, staged.length);
            for (int v = 0; v < vectors.length; v++) {
                vectors[v] = (PtNDArray) vectors[v].reshape(-1);
            }
            module.infer(
                    "load_adapter_layer",
                    IValue.from(place.slot()),
                    IValue.listFrom(place.numbers()),
                    IValue.from(layer),
                    ints(modules.stream().map(m -> layout.number(m.module())).toList()),
                    IValue.listFrom(Arrays.copyOf(staged, matrices)),
                    IValue.listFrom(modules.stream()
                            .mapToDouble(AdapterLayer.Module::scale)
                            .toArray()),
                    IValue.listFrom(vectors),
                    ints(vectorOf),
                    ints(vectorKinds));
            staging.ifPresent(PinnedStaging::sent);
        }
    }

    private static IValue ints(List<Integer> values) {
        return IValue.listFrom(values.stream().mapToLong(Integer::longValue).toArray());
    }

    /** The matrices where the device can fetch them while this thread goes on. */
    private PtNDArray[] staged(List<Matrix> matrices, Tensors t) {
        if (staging.isEmpty()) {
            return matrices.stream()
                    .map(m -> t.of(m.values(), m.rows(), m.columns()))
                    .toArray(PtNDArray[]::new);
        }
        List<MemorySegment> staged = staging.get()
                .fill(matrices.stream()
                        .map(m -> MemorySegment.ofArray(m.values()))
                        .toList());
        return IntStream.range(0, matrices.size())
                .mapToObj(i -> t.of(
                        staged.get(i), matrices.get(i).rows(), matrices.get(i).columns()))
                .toArray(PtNDArray[]::new);
    }

    @Override
    public void close() {
        staging.ifPresent(PinnedStaging::close);
    }
}
