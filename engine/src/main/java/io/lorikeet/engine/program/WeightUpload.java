package io.lorikeet.engine.program;

import ai.djl.ndarray.NDList;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DecoderLayout.Place;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Brings a checkpoint's tensors to their places among the program's weights, a piece at a time: on the processor right from
 * the mapped file, to a CUDA device through page-locked memory, so that reading and sending overlap and the host never
 * holds more than a few pieces.
 */
final class WeightUpload implements AutoCloseable {
    private static final long PIECE = 64L << 20;

    private final TorchModule module;
    private final Optional<PinnedStaging> staging;
    private final long piece;

    /** @param longestRow bytes of the longest row of any tensor */
    WeightUpload(TorchModule module, long longestRow) {
        this.module = module;
        piece = Math.max(PIECE, longestRow);
        staging = module.stream().map(stream -> new PinnedStaging(stream, piece));
    }

    void load(Place place, TensorSlice tensor) {
        long rowBytes = tensor.byteSize() / place.tensor().rows();
        int rowsAtOnce = (int) Math.max(1, Math.min(place.tensor().rows(), piece / rowBytes));
        for (int row = 0; row < place.tensor().rows(); row += rowsAtOnce) {
            int rows = Math.min(rowsAtOnce, place.tensor().rows() - row);
            MemorySegment mapped = tensor.bytes().asSlice(row * rowBytes, rows * rowBytes);
            MemorySegment bytes =
                    staging.map(s -> s.fill(List.of(mapped)).getFirst()).orElse(mapped);
            long[] where = {
                place.weight(), place.firstRow() + row, rows, tensor.dtype().torchCode()
            };
            module.apply("load_weight", t -> new NDList(t.of(bytes.asByteBuffer()), t.of(where)));
            staging.ifPresent(PinnedStaging::sent);
            unload(mapped);
        }
    }

    /** A file's bytes count as this process's memory until then. */
    private static void unload(MemorySegment read) {
        if (read.isMapped()) {
            read.unload();
        }
    }

    @Override
    public void close() {
        staging.ifPresent(PinnedStaging::close);
    }
}
