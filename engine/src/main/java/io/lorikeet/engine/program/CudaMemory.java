package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;

/**
 * A device's memory as its driver's virtual memory management gives it: memory and the addresses at which it is seen are made apart,
 * so that memory of several origins can lie side by side, and memory lives as long as any process has a handle, a descriptor or
 * an address of it.
 *
 * @see <a href="https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__VA.html">Virtual Memory Management</a>
 */
@SuppressWarnings("restricted") // a driver's functions
final class CudaMemory {
    private static final int OUT_OF_MEMORY = 2;
    private static final int PINNED = 1;
    private static final int POSIX_FILE_DESCRIPTOR = 1;
    private static final int LOCATION_DEVICE = 1;
    private static final int READ_WRITE = 3;
    private static final int PROPERTIES_BYTES = 32;
    private static final int ACCESS_BYTES = 12;
    private static final int UUID_BYTES = 16;

    private final CudaDriver driver;
    private final Device device;

    CudaMemory(CudaDriver driver, Device device) {
        this.driver = driver;
        this.device = device;
    }

    /** What memory comes in multiples of. */
    long granularity() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(JAVA_LONG);
            var get = driver.function("cuMemGetAllocationGranularity", ADDRESS, ADDRESS, JAVA_INT);
            MemorySegment properties = properties(arena);
            check("cuMemGetAllocationGranularity", NativeFunctions.call(() ->
                    (int) get.invokeExact(size, properties, 0)));
            return size.get(JAVA_LONG, 0);
        }
    }

    /** The device's name among all devices of all machines. */
    String uuid() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment uuid = arena.allocate(UUID_BYTES);
            var get = driver.function("cuDeviceGetUuid_v2", ADDRESS, JAVA_INT);
            check("cuDeviceGetUuid_v2", NativeFunctions.call(() -> (int) get.invokeExact(uuid, device.index())));
            return HexFormat.of().formatHex(uuid.toArray(JAVA_BYTE));
        }
    }

    /** New memory: its handle. */
    long create(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(JAVA_LONG);
            var create = driver.function("cuMemCreate", ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
            MemorySegment properties = properties(arena);
            int result = NativeFunctions.call(() -> (int) create.invokeExact(handle, bytes, properties, 0L));
            if (result == OUT_OF_MEMORY) {
                throw new OutOfMemoryException(
                        device.torchName() + " has no " + bytes + " bytes left for the base's weights", null);
            }
            check("cuMemCreate", result);
            return handle.get(JAVA_LONG, 0);
        }
    }

    /** A file descriptor that stands for memory, for other processes. */
    int descriptor(long handle) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = arena.allocate(JAVA_INT);
            var export = driver.function("cuMemExportToShareableHandle", ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG);
            check("cuMemExportToShareableHandle", NativeFunctions.call(() ->
                    (int) export.invokeExact(descriptor, handle, POSIX_FILE_DESCRIPTOR, 0L)));
            return descriptor.get(JAVA_INT, 0);
        }
    }

    /** The memory that a descriptor stands for: its handle here. */
    long fromDescriptor(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(JAVA_LONG);
            var get = driver.function("cuMemImportFromShareableHandle", ADDRESS, JAVA_LONG, JAVA_INT);
            check("cuMemImportFromShareableHandle", NativeFunctions.call(() ->
                    (int) get.invokeExact(handle, (long) descriptor, POSIX_FILE_DESCRIPTOR)));
            return handle.get(JAVA_LONG, 0);
        }
    }

    /** Addresses at which there is nothing yet. */
    long reserve(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(JAVA_LONG);
            var reserve = driver.function("cuMemAddressReserve", ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
            check("cuMemAddressReserve", NativeFunctions.call(() ->
                    (int) reserve.invokeExact(address, bytes, 0L, 0L, 0L)));
            return address.get(JAVA_LONG, 0);
        }
    }

    /** Has memory seen at addresses that were reserved. */
    void map(long address, long bytes, long handle) {
        MethodHandle map = driver.function("cuMemMap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
        check("cuMemMap", NativeFunctions.call(() -> (int) map.invokeExact(address, bytes, 0L, handle, 0L)));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment access = arena.allocate(ACCESS_BYTES, Integer.BYTES);
            access.set(JAVA_INT, 0, LOCATION_DEVICE);
            access.set(JAVA_INT, Integer.BYTES, device.index());
            access.set(JAVA_INT, 2L * Integer.BYTES, READ_WRITE);
            var allow = driver.function("cuMemSetAccess", JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG);
            check("cuMemSetAccess", NativeFunctions.call(() -> (int) allow.invokeExact(address, bytes, access, 1L)));
        }
    }

    /** Waits until the device has done all that this process gave it. */
    void await() {
        driver.synchronize();
    }

    void unmap(long address, long bytes) {
        call("cuMemUnmap", address, bytes);
    }

    /** Gives reserved addresses back. */
    void free(long address, long bytes) {
        call("cuMemAddressFree", address, bytes);
    }

    /** Gives a handle up; the memory stays while it is seen anywhere. */
    void release(long handle) {
        var release = driver.function("cuMemRelease", JAVA_LONG);
        check("cuMemRelease", NativeFunctions.call(() -> (int) release.invokeExact(handle)));
    }

    void copy(long from, long to, long bytes, CudaStream stream) {
        var copy = driver.function("cuMemcpyDtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS);
        check("cuMemcpyDtoDAsync_v2", NativeFunctions.call(() ->
                (int) copy.invokeExact(to, from, bytes, stream.handle())));
    }

    private void call(String name, long address, long bytes) {
        var function = driver.function(name, JAVA_LONG, JAVA_LONG);
        check(name, NativeFunctions.call(() -> (int) function.invokeExact(address, bytes)));
    }

    /** struct CUmemAllocationProp */
    private MemorySegment properties(Arena arena) {
        MemorySegment properties = arena.allocate(PROPERTIES_BYTES, Long.BYTES);
        properties.set(JAVA_INT, 0, PINNED);
        properties.set(JAVA_INT, Integer.BYTES, POSIX_FILE_DESCRIPTOR);
        properties.set(JAVA_INT, 2L * Integer.BYTES, LOCATION_DEVICE);
        properties.set(JAVA_INT, 3L * Integer.BYTES, device.index());
        return properties;
    }

    private void check(String name, int result) {
        driver.check(name, result);
    }
}
