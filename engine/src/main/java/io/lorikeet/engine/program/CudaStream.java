package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import io.lorikeet.engine.EngineException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The stream on which a program's thread gives its device work. A stream of its own is what lets a step be captured, and
 * keeps a program from waiting for others on the same device. Belongs to the thread that opens it.
 */
final class CudaStream implements AutoCloseable {
    private final CudaDriver driver;
    private final NativeFunctions torch;
    private final MemorySegment stream;
    private final MemorySegment guard;

    private CudaStream(CudaDriver driver, NativeFunctions torch, MemorySegment stream, MemorySegment guard) {
        this.driver = driver;
        this.torch = torch;
        this.stream = stream;
        this.guard = guard;
    }

    /**
     * Makes a new stream the thread's current one, for PyTorch too. PyTorch must have used the device on this thread.
     *
     * @throws EngineException if PyTorch's libraries lack what is needed
     */
    static CudaStream open(CudaDriver driver, Device device) {
        NativeFunctions torch = torchCuda(device);
        MemorySegment stream = driver.createStream();
        try (Arena arena = Arena.ofConfined()) {
            var create = torch.find(
                    "aoti_torch_create_cuda_stream_guard", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
            MemorySegment guard = arena.allocate(ADDRESS);
            int result = NativeFunctions.call(() -> (int) create.invokeExact(stream, device.index(), guard));
            if (result != 0) {
                throw new EngineException(
                        "device " + device.torchName() + ": PyTorch takes no stream (" + result + ")");
            }
            return new CudaStream(driver, torch, stream, guard.get(ADDRESS, 0));
        }
    }

    /** Refuses a PyTorch that cannot use CUDA, and says what would. */
    static void requireCudaTorch(Device device) {
        if (!Engine.getEngine("PyTorch").hasCapability("CUDA")) {
            throw new EngineException(
                    "device " + device.torchName() + ": the PyTorch here (" + LibUtils.getLibtorchPath()
                            + ") computes on the processor alone, or for a newer driver than this machine has. Point"
                            + " PYTORCH_LIBRARY_PATH at the libraries of a PyTorch for CUDA, and set PYTORCH_VERSION and"
                            + " PYTORCH_FLAVOR to what it is, as 2.7.1 and cu128");
        }
    }

    private static NativeFunctions torchCuda(Device device) {
        Path library = Path.of(LibUtils.getLibtorchPath(), "libtorch_cuda.so");
        return NativeFunctions.of(library.toString())
                .orElseThrow(() -> new EngineException(
                        "device " + device.torchName() + ": expected " + library + ", which cannot be loaded"));
    }

    MemorySegment handle() {
        return stream;
    }

    CudaDriver driver() {
        return driver;
    }

    /** Waits until the device has done all that it was given here. */
    void await() {
        driver.synchronize(stream);
    }

    /** libtorch_cuda's functions. */
    NativeFunctions torch() {
        return torch;
    }

    @Override
    public void close() {
        List<RuntimeException> failures = new ArrayList<>();
        try {
            var delete = torch.find("aoti_torch_delete_cuda_stream_guard", FunctionDescriptor.of(JAVA_INT, ADDRESS));
            int unused = NativeFunctions.call(() -> (int) delete.invokeExact(guard));
        } catch (RuntimeException e) {
            failures.add(e);
        }
        driver.destroyStream(stream);
        failures.forEach(e -> {
            throw e;
        });
    }
}
