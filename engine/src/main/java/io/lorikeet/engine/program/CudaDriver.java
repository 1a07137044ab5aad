package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lorikeet.engine.EngineException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * What this engine needs of NVIDIA's driver beside PyTorch: streams, events, memory and what a device is, by the driver's own C
 * functions.
 *
 * @see <a href="https://docs.nvidia.com/cuda/cuda-driver-api/">CUDA Driver API</a>
 */
@SuppressWarnings("restricted") // a driver's functions and memory are native
final class CudaDriver {
    private static final String LIBRARY = "libcuda.so.1";
    /** CUDA 12.0. Newer 12.x libraries run on any driver of 12.0 or later. */
    private static final int OLDEST = 12_000;

    private static final String OLDEST_TEXT = "version 525 or newer, for CUDA 12";
    private static final int STREAM_NON_BLOCKING = 1;
    private static final int EVENT_DISABLE_TIMING = 2;
    private static final int HOST_PORTABLE = 1;
    private static final int MULTIPROCESSOR_COUNT = 16;
    private static final int COMPUTE_CAPABILITY_MAJOR = 75;
    private static final int COMPUTE_CAPABILITY_MINOR = 76;
    private static final int MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97;

    private final NativeFunctions functions;
    private final MethodHandle eventRecord;
    private final MethodHandle eventSynchronize;
    private final MethodHandle streamIsCapturing;

    private CudaDriver(NativeFunctions functions) {
        this.functions = functions;
        eventRecord = function("cuEventRecord", ADDRESS, ADDRESS);
        eventSynchronize = function("cuEventSynchronize", ADDRESS);
        streamIsCapturing = function("cuStreamIsCapturing", ADDRESS, ADDRESS);
    }

    /**
     * The driver, once it is known to serve a device.
     *
     * @throws EngineException if there is no driver, it is too old, or it has no such device
     */
    static CudaDriver forDevice(Device device) {
        NativeFunctions functions = NativeFunctions.of(LIBRARY)
                .orElseThrow(() -> new EngineException("device " + device.torchName()
                        + ": this machine has no NVIDIA driver (" + LIBRARY + " cannot be loaded). Install one, "
                        + OLDEST_TEXT + ", or set the device to cpu"));
        try (Arena arena = Arena.ofConfined()) {
            var driver = new CudaDriver(functions);
            MemorySegment number = arena.allocate(JAVA_INT);
            driver.check("cuDriverGetVersion", driver.call("cuDriverGetVersion", number), device);
            int version = number.get(JAVA_INT, 0);
            if (version < OLDEST) {
                throw new EngineException(
                        "device " + device.torchName() + ": the NVIDIA driver is too old; it serves CUDA "
                                + version / 1000 + "." + version % 1000 / 10 + ". Install " + OLDEST_TEXT);
            }
            driver.check("cuInit", driver.callInt("cuInit", 0), device);
            driver.check("cuDeviceGetCount", driver.call("cuDeviceGetCount", number), device);
            int count = number.get(JAVA_INT, 0);
            if (device.index() >= count) {
                throw new EngineException("device " + device.torchName() + ": this machine has " + count
                        + (count == 1 ? " CUDA device, cuda:0" : " CUDA devices, cuda:0 to cuda:" + (count - 1)));
            }
            return driver;
        }
    }

    /** Makes the device's primary context, which PyTorch uses too, the thread's own. */
    void makeCurrent(Device device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(JAVA_INT);
            MethodHandle get = function("cuDeviceGet", ADDRESS, JAVA_INT);
            check("cuDeviceGet", NativeFunctions.call(() -> (int) get.invokeExact(handle, device.index())), device);
            MemorySegment context = arena.allocate(ADDRESS);
            MethodHandle retain = function("cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT);
            int number = handle.get(JAVA_INT, 0);
            check(
                    "cuDevicePrimaryCtxRetain",
                    NativeFunctions.call(() -> (int) retain.invokeExact(context, number)),
                    device);
            check("cuCtxSetCurrent", call("cuCtxSetCurrent", context.get(ADDRESS, 0)), device);
        }
    }

    /** What kernels for a device are compiled for. */
    Gpu gpu(Device device) {
        return new Gpu(
                attribute(device, COMPUTE_CAPABILITY_MAJOR),
                attribute(device, COMPUTE_CAPABILITY_MINOR),
                attribute(device, MULTIPROCESSOR_COUNT),
                attribute(device, MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
    }

    private int attribute(Device device, int attribute) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            MethodHandle get = function("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
            check(
                    "cuDeviceGetAttribute",
                    NativeFunctions.call(() -> (int) get.invokeExact(value, attribute, device.index())),
                    device);
            return value.get(JAVA_INT, 0);
        }
    }

    /** Memory of the device, all zero once the stream gets there: its address. */
    long allocate(long bytes, MemorySegment stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(JAVA_LONG);
            MethodHandle allocate = function("cuMemAlloc_v2", ADDRESS, JAVA_LONG);
            check("cuMemAlloc_v2", NativeFunctions.call(() -> (int) allocate.invokeExact(pointer, bytes)));
            long address = pointer.get(JAVA_LONG, 0);
            MethodHandle clear = function("cuMemsetD8Async", JAVA_LONG, JAVA_BYTE, JAVA_LONG, ADDRESS);
            check("cuMemsetD8Async", NativeFunctions.call(() ->
                    (int) clear.invokeExact(address, (byte) 0, bytes, stream)));
            return address;
        }
    }

    void free(long address) {
        MethodHandle free = function("cuMemFree_v2", JAVA_LONG);
        check("cuMemFree_v2", NativeFunctions.call(() -> (int) free.invokeExact(address)));
    }

    /** A stream of the thread's current context that does not wait for the default one. */
    MemorySegment createStream() {
        return created("cuStreamCreate", JAVA_INT, STREAM_NON_BLOCKING);
    }

    void destroyStream(MemorySegment stream) {
        check("cuStreamDestroy_v2", call("cuStreamDestroy_v2", stream));
    }

    /** Waits until the device has done all that the stream was given. */
    void synchronize(MemorySegment stream) {
        check("cuStreamSynchronize", call("cuStreamSynchronize", stream));
    }

    /** The same of all streams of the thread's context. */
    void synchronize() {
        MethodHandle all = function("cuCtxSynchronize");
        check("cuCtxSynchronize", NativeFunctions.call(() -> (int) all.invokeExact()));
    }

    MemorySegment createEvent() {
        return created("cuEventCreate", JAVA_INT, EVENT_DISABLE_TIMING);
    }

    void destroyEvent(MemorySegment event) {
        check("cuEventDestroy_v2", call("cuEventDestroy_v2", event));
    }

    /** Marks what the stream has been given so far. */
    void record(MemorySegment event, MemorySegment stream) {
        check("cuEventRecord", NativeFunctions.call(() -> (int) eventRecord.invokeExact(event, stream)));
    }

    /** Waits until the device has done what the event marks. */
    void await(MemorySegment event) {
        check("cuEventSynchronize", NativeFunctions.call(() -> (int) eventSynchronize.invokeExact(event)));
    }

    /** Page-locked memory, which the device reads without the processor. */
    MemorySegment allocateHost(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            MethodHandle allocate = function("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
            check("cuMemHostAlloc", NativeFunctions.call(() ->
                    (int) allocate.invokeExact(pointer, bytes, HOST_PORTABLE)));
            return pointer.get(ADDRESS, 0).reinterpret(bytes);
        }
    }

    void freeHost(MemorySegment memory) {
        check("cuMemFreeHost", call("cuMemFreeHost", memory));
    }

    /** Whether the stream captures, and nothing has spoilt it. */
    boolean isCapturing(MemorySegment stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(JAVA_INT);
            int result = NativeFunctions.call(() -> (int) streamIsCapturing.invokeExact(stream, status));
            return result == 0 && status.get(JAVA_INT, 0) == 1;
        }
    }

    /** Gives up a capture, and with it whatever went wrong in it. */
    void abandonCapture(MemorySegment stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment graph = arena.allocate(ADDRESS);
            MethodHandle end = function("cuStreamEndCapture", ADDRESS, ADDRESS);
            int unused = NativeFunctions.call(() -> (int) end.invokeExact(stream, graph));
        }
    }

    private MemorySegment created(String name, MemoryLayout flagsType, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            MethodHandle create = function(name, ADDRESS, flagsType);
            check(name, NativeFunctions.call(() -> (int) create.invokeExact(pointer, flags)));
            return pointer.get(ADDRESS, 0);
        }
    }

    private int call(String name, MemorySegment argument) {
        MethodHandle handle = function(name, ADDRESS);
        return NativeFunctions.call(() -> (int) handle.invokeExact(argument));
    }

    private int callInt(String name, int argument) {
        MethodHandle handle = function(name, JAVA_INT);
        return NativeFunctions.call(() -> (int) handle.invokeExact(argument));
    }

    /** One of the driver's functions, which answers with an error's number or 0. */
    MethodHandle function(String name, MemoryLayout... arguments) {
        return functions.find(name, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private void check(String name, int result, Device device) {
        if (result != 0) {
            throw new EngineException(
                    "device " + device.torchName() + ": the NVIDIA driver cannot be used: " + describe(name, result));
        }
    }

    /** Refuses an error of a function. */
    void check(String name, int result) {
        if (result != 0) {
            throw new EngineException("the NVIDIA driver failed: " + describe(name, result));
        }
    }

    private String describe(String name, int result) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(ADDRESS);
            MethodHandle errorName =
                    functions.find("cuGetErrorString", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
            int found = NativeFunctions.call(() -> (int) errorName.invokeExact(result, text));
            String why = found == 0
                    ? text.get(ADDRESS, 0).reinterpret(Long.MAX_VALUE).getString(0)
                    : "unknown error";
            return String.format(Locale.ROOT, "%s in %s (%d)", why, name, result);
        }
    }
}
