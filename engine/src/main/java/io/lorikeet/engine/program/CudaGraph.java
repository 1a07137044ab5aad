package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lorikeet.engine.EngineException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One captured step: PyTorch's own {@code at::cuda::CUDAGraph}, so that whatever the step allocates lies in a memory pool
 * that nothing else takes from. Everything that the step reads or writes from outside must keep its address.
 */
final class CudaGraph implements StepGraphs.Graph {
    /** More than any version of the class needs. */
    private static final long OBJECT_BYTES = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(CudaGraph.class);
    private static final int CAPTURE_RELAXED = 2;
    private static final StructLayout POOL_ID = MemoryLayout.structLayout(JAVA_LONG, JAVA_LONG);

    private final Methods methods;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment self = arena.allocate(OBJECT_BYTES, 16);

    private CudaGraph(Methods methods) {
        this.methods = methods;
    }

    /** What captures on a stream; none if this PyTorch has no such class, which is said in the log. */
    static Optional<StepGraphs.Capturer> capturer(CudaStream stream) {
        try {
            return Optional.of(new Methods(stream));
        } catch (EngineException e) {
            LOG.warn("decode steps run without CUDA graphs, and slower: {}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void launch() {
        methods.call(methods.replay, self);
    }

    @Override
    public void close() {
        methods.call(methods.destructor, self);
        arena.close();
    }

    /**
     * The C++ class's methods, by the names that its compiler gave them, and the pool that its graphs share: they run one
     * after another and leave nothing there.
     */
    static final class Methods implements StepGraphs.Capturer {
        private static final String NAME = "_ZN2at4cuda9CUDAGraph";

        private final CudaStream stream;
        private final MethodHandle constructor;
        private final MethodHandle captureBegin;
        private final MethodHandle captureEnd;
        private final MethodHandle replay;
        private final MethodHandle destructor;
        private final MemorySegment pool;

        Methods(CudaStream stream) {
            this.stream = stream;
            constructor = method("C1Eb", JAVA_BOOLEAN);
            captureBegin = method("13capture_beginESt4pairIyyE21cudaStreamCaptureMode", POOL_ID, JAVA_INT);
            captureEnd = method("11capture_endEv");
            replay = method("6replayEv");
            destructor = method("D1Ev");
            MethodHandle newPool =
                    stream.torch().find("_ZN2at4cuda17graph_pool_handleEv", FunctionDescriptor.of(POOL_ID));
            pool = NativeFunctions.call(() -> (MemorySegment) newPool.invokeExact((SegmentAllocator) Arena.global()));
        }

        private MethodHandle method(String name, MemoryLayout... arguments) {
            MemoryLayout[] all = new MemoryLayout[arguments.length + 1];
            all[0] = ADDRESS;
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            return stream.torch().find(NAME + name, FunctionDescriptor.ofVoid(all));
        }

        /**
         * Captures what {@code step} gives the stream; nothing of it runs.
         *
         * @throws EngineException if it cannot be captured; the stream is then as before
         */
        @Override
        public CudaGraph capture(Runnable step) {
            var graph = new CudaGraph(this);
            NativeFunctions.call(() -> {
                constructor.invokeExact(graph.self, false);
                captureBegin.invokeExact(graph.self, pool, CAPTURE_RELAXED);
                return null;
            });
            try {
                step.run();
            } catch (RuntimeException e) {
                stream.driver().abandonCapture(stream.handle());
                throw e;
            }
            // capture_end would throw across Java if something had spoilt the capture
            if (!stream.driver().isCapturing(stream.handle())) {
                stream.driver().abandonCapture(stream.handle());
                throw new EngineException("the step does what no CUDA graph can hold");
            }
            call(captureEnd, graph.self);
            return graph;
        }

        private void call(MethodHandle method, MemorySegment self) {
            NativeFunctions.call(() -> {
                method.invokeExact(self);
                return null;
            });
        }
    }
}
