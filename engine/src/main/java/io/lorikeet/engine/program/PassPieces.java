package io.lorikeet.engine.program;

import ai.djl.ndarray.NDList;
import io.lorikeet.engine.program.TorchModule.Tensors;
import io.lorikeet.engine.sharing.Piece;
import io.lorikeet.engine.sharing.RightOfWay;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * Runs a pass in pieces, each when it is its turn. A GPU has no more than two of them before it, if somebody may have to be given
 * way to: what it has been given, nobody stops.
 */
final class PassPieces {
    private static final int UNDERWAY = 2;

    private final TorchModule module;
    private final RightOfWay way;
    private final Deque<MemorySegment> underway = new ArrayDeque<>();
    private final List<MemorySegment> spare = new ArrayList<>();

    PassPieces(TorchModule module, RightOfWay way) {
        this.module = module;
        this.way = way;
    }

    /** Layers of a piece; all if nobody can come between. */
    int layersAtOnce(int layers) {
        return way.yields() ? 1 : layers;
    }

    void run(Piece piece, int tokens, String method, Function<Tensors, NDList> arguments) {
        run(piece, tokens, () -> module.apply(method, arguments));
    }

    /** The same with what comes of it, which is there when it has run. */
    float[] read(Piece piece, int tokens, String method, Function<Tensors, NDList> arguments) {
        var result = new ArrayList<float[]>();
        run(piece, tokens, () -> result.add(module.differentiate(method, arguments)));
        return result.getFirst();
    }

    void run(Piece piece, int tokens, Runnable work) {
        if (!way.await(piece, tokens)) {
            work.run();
            if (way.yields()) {
                module.stream().ifPresent(this::keepFew);
            }
            return;
        }
        long begun = System.nanoTime();
        work.run();
        module.stream().ifPresent(CudaStream::await);
        way.ran(piece, tokens, System.nanoTime() - begun);
    }

    /** The last piece for a while has run. */
    void rest() {
        way.rest();
    }

    private void keepFew(CudaStream stream) {
        CudaDriver driver = stream.driver();
        var mark = spare.isEmpty() ? driver.createEvent() : spare.removeLast();
        driver.record(mark, stream.handle());
        underway.add(mark);
        if (underway.size() > UNDERWAY) {
            var oldest = underway.remove();
            driver.await(oldest);
            spare.add(oldest);
        }
    }
}
