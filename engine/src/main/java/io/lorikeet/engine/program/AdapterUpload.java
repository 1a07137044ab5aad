package io.lorikeet.engine.program;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.program.AdapterLayer.Matrix;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.lang.foreign.MemorySegment;
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

    void load(int adapterSlot, int layer, AdapterLayer adapter) {
        try (Tensors t = module.tensors()) {
            module.infer(
                    "load_adapter_layer",
                    IValue.from(adapterSlot),
                    IValue.from(layer),
                    IValue.listFrom(adapter.pairs().stream()
                            .mapToLong(pair -> layout.number(pair.module()))
                            .toArray()),
                    IValue.listFrom(staged(adapter.matrices(), t)),
                    IValue.from(adapter.scale()));
            staging.ifPresent(PinnedStaging::sent);
        }
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
