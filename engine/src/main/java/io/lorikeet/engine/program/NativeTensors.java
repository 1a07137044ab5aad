package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.LibUtils;
import io.lorikeet.engine.EngineException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Tensors by their addresses: where one lies, and one over memory that is somebody else's. By libtorch's own C functions. */
final class NativeTensors {
    private static final int DEVICE_CPU = 0;
    private static final int DEVICE_CUDA = 1;
    private static final int LAYOUT_STRIDED = 0;
    private static final int LAYOUT_MKLDNN = 3;

    private static final NativeFunctions TORCH = torch();
    private static final MethodHandle ADDRESS_OF =
            TORCH.find("aoti_torch_get_data_ptr", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle FROM_BLOB = TORCH.find(
            "aoti_torch_create_tensor_from_blob_v2",
            FunctionDescriptor.of(
                    JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS,
                    JAVA_INT, ADDRESS, JAVA_LONG));

    private NativeTensors() {}

    private static NativeFunctions torch() {
        Path library = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
        return NativeFunctions.of(library.toString())
                .orElseThrow(() -> new EngineException("expected " + library + ", which cannot be loaded"));
    }

    /**
     * How a tensor lies in memory, row after row without gaps, unless it is opaque.
     *
     * @param dtype PyTorch's number of its type
     * @param opaque what oneDNN has to know of a tensor in its own layout; empty: it has none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Form(int dtype, long[] shape, byte[] opaque) {}

    /** Where a tensor's elements are; 0 for one that is nothing but a sign that there is none. */
    static long address(PtNDArray tensor) {
        if (tensor.getShape().size() == 0) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(JAVA_LONG);
            long handle = tensor.getHandle();
            check("address of", NativeFunctions.call(() -> (int) ADDRESS_OF.invokeExact(handle, pointer)));
            return pointer.get(JAVA_LONG, 0);
        }
    }

    /** A tensor over memory that stays the caller's, who keeps it until the tensor is gone. */
    static PtNDArray over(long address, Form form, Device device, PtNDManager manager) {
        try (Arena arena = Arena.ofConfined()) {
            long[] shape = form.shape;
            MemorySegment sizes = arena.allocateFrom(JAVA_LONG, shape);
            MemorySegment strides = arena.allocateFrom(JAVA_LONG, strides(shape));
            MemorySegment made = arena.allocate(JAVA_LONG);
            int deviceType = device.isCuda() ? DEVICE_CUDA : DEVICE_CPU;
            int deviceIndex = device.isCuda() ? device.index() : 0;
            int layout = form.opaque.length == 0 ? LAYOUT_STRIDED : LAYOUT_MKLDNN;
            MemorySegment opaque = arena.allocate(Math.max(1, form.opaque.length));
            MemorySegment.copy(form.opaque, 0, opaque, JAVA_BYTE, 0, form.opaque.length);
            check("tensor over", NativeFunctions.call(() -> (int) FROM_BLOB.invokeExact(
                    address,
                    (long) shape.length,
                    sizes,
                    strides,
                    0L,
                    form.dtype,
                    deviceType,
                    deviceIndex,
                    made,
                    layout,
                    opaque,
                    (long) form.opaque.length)));
            return new PtNDArray(manager, made.get(JAVA_LONG, 0));
        }
    }

    private static long[] strides(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    private static void check(String what, int result) {
        if (result != 0) {
            throw new EngineException("PyTorch gives no " + what + " memory (" + result + ")");
        }
    }
}
