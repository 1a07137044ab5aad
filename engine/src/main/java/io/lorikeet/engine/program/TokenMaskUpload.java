package io.lorikeet.engine.program;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.lorikeet.engine.grammar.TokenMask;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Brings what the rows of a step may say to the device, to a CUDA device through page-locked memory. */
final class TokenMaskUpload implements AutoCloseable {
    private final TorchModule module;
    private final int bytes;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment rows;
    private final Optional<PinnedStaging> staging;

    TokenMaskUpload(ProgramOptions options, TorchModule module) {
        this.module = module;
        bytes = (options.config().vocabSize() + Byte.SIZE - 1) / Byte.SIZE;
        long all = (long) bytes * options.maxNumSeqs();
        rows = arena.allocate(all);
        staging = module.stream().map(stream -> new PinnedStaging(stream, all));
    }

    void upload(SortedMap<Integer, TokenMask> masks) {
        List<Long> slots = new ArrayList<>();
        masks.forEach((slot, mask) -> {
            mask.copyTo(rows.asSlice((long) bytes * slots.size(), bytes).asByteBuffer());
            slots.add((long) slot);
        });
        MemorySegment filled = rows.asSlice(0, (long) bytes * slots.size());
        try (Tensors t = module.tensors()) {
            module.infer(
                    "allow",
                    IValue.listFrom(slots.stream().mapToLong(Long::longValue).toArray()),
                    IValue.from(t.bytes(
                            staging.map(pinned -> pinned.fill(List.of(filled)).getFirst())
                                    .orElse(filled),
                            slots.size(),
                            bytes)));
            staging.ifPresent(PinnedStaging::sent);
        }
    }

    /** What may follow each row of a step on a processor, uint8 [rows, bytes]. */
    PtNDArray rows(List<TokenMask> masks, Tensors t, Arena step) {
        MemorySegment filled = step.allocate(Math.max(1, (long) bytes * masks.size()));
        for (int i = 0; i < masks.size(); i++) {
            masks.get(i).copyTo(filled.asSlice((long) bytes * i, bytes).asByteBuffer());
        }
        return t.bytes(filled.asSlice(0, (long) bytes * masks.size()), masks.size(), bytes);
    }

    @Override
    public void close() {
        staging.ifPresent(PinnedStaging::close);
        arena.close();
    }
}
