package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.HashMap;
import java.util.Map;

/**
 * Kernels on a device, launched on its program's stream, by name. A kernel takes one structure of 64-bit numbers; beside it the
 * machine code has the threads of a block, {@code NAME_threads}, and the memory that they share, {@code NAME_shared}.
 */
@SuppressWarnings("restricted") // a driver's functions and memory are native
final class KernelModule implements AutoCloseable {
    private static final int MAX_DYNAMIC_SHARED_SIZE = 8;
    private static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;
    /** CUlaunchConfig: grid and block, bytes of shared memory, stream, attributes and their number. */
    private static final StructLayout CONFIG = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(7, JAVA_INT),
            MemoryLayout.paddingLayout(4),
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            MemoryLayout.paddingLayout(4));
    /** CUlaunchAttribute: its number and 64 bytes of value. */
    private static final long ATTRIBUTE_BYTES = 72;

    private final CudaStream stream;
    private final boolean early;
    private final MemorySegment module;
    private final MethodHandle launch;
    private final Map<String, Kernel> kernels = new HashMap<>();

    private record Kernel(MemorySegment function, int threads, int shared) {}

    /** @param early whether a kernel may begin while the one before it still runs */
    KernelModule(CudaStream stream, byte[] code, boolean early) {
        this.stream = stream;
        this.early = early;
        CudaDriver driver = stream.driver();
        launch = driver.function("cuLaunchKernelEx", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            MemorySegment image = arena.allocateFrom(JAVA_BYTE, code);
            MethodHandle load = driver.function("cuModuleLoadData", ADDRESS, ADDRESS);
            driver.check("cuModuleLoadData", NativeFunctions.call(() -> (int) load.invokeExact(pointer, image)));
            module = pointer.get(ADDRESS, 0);
        }
    }

    /**
     * Gives the stream a kernel to run.
     *
     * @param grid blocks in three directions
     */
    void launch(String name, int[] grid, long... arguments) {
        Kernel kernel = kernels.computeIfAbsent(name, this::kernel);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment config = arena.allocate(CONFIG);
            for (int i = 0; i < grid.length; i++) {
                config.setAtIndex(JAVA_INT, i, grid[i]);
            }
            config.setAtIndex(JAVA_INT, 3, kernel.threads);
            config.setAtIndex(JAVA_INT, 4, 1);
            config.setAtIndex(JAVA_INT, 5, 1);
            config.setAtIndex(JAVA_INT, 6, kernel.shared);
            config.set(ADDRESS, 32, stream.handle());
            if (early) {
                MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
                attribute.set(JAVA_INT, 0, PROGRAMMATIC_STREAM_SERIALIZATION);
                attribute.set(JAVA_INT, 8, 1);
                config.set(ADDRESS, 40, attribute);
                config.set(JAVA_INT, 48, 1);
            }
            MemorySegment structure = arena.allocateFrom(JAVA_LONG, arguments);
            MemorySegment parameters = arena.allocateFrom(ADDRESS, structure);
            stream.driver().check(name, NativeFunctions.call(() ->
                    (int) launch.invokeExact(config, kernel.function, parameters, MemorySegment.NULL)));
        }
    }

    private Kernel kernel(String name) {
        CudaDriver driver = stream.driver();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            MemorySegment text = arena.allocateFrom(name);
            MethodHandle get = driver.function("cuModuleGetFunction", ADDRESS, ADDRESS, ADDRESS);
            driver.check(name, NativeFunctions.call(() -> (int) get.invokeExact(pointer, module, text)));
            MemorySegment function = pointer.get(ADDRESS, 0);
            int shared = number(arena, name + "_shared");
            MethodHandle set = driver.function("cuFuncSetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
            driver.check(
                    name, NativeFunctions.call(() -> (int) set.invokeExact(function, MAX_DYNAMIC_SHARED_SIZE, shared)));
            return new Kernel(function, number(arena, name + "_threads"), shared);
        }
    }

    /** A constant of the machine code. */
    private int number(Arena arena, String name) {
        CudaDriver driver = stream.driver();
        MemorySegment address = arena.allocate(JAVA_LONG);
        MemorySegment size = arena.allocate(JAVA_LONG);
        MemorySegment text = arena.allocateFrom(name);
        MethodHandle get = driver.function("cuModuleGetGlobal_v2", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        driver.check(name, NativeFunctions.call(() -> (int) get.invokeExact(address, size, module, text)));
        MemorySegment value = arena.allocate(JAVA_INT);
        MethodHandle copy = driver.function("cuMemcpyDtoH_v2", ADDRESS, JAVA_LONG, JAVA_LONG);
        long from = address.get(JAVA_LONG, 0);
        driver.check(name, NativeFunctions.call(() -> (int) copy.invokeExact(value, from, (long) Integer.BYTES)));
        return value.get(JAVA_INT, 0);
    }

    @Override
    public void close() {
        MethodHandle unload = stream.driver().function("cuModuleUnload", ADDRESS);
        stream.driver().check("cuModuleUnload", NativeFunctions.call(() -> (int) unload.invokeExact(module)));
    }
}
