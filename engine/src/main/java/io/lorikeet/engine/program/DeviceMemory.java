package io.lorikeet.engine.program;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Memory of a device as its own system counts it, in bytes: the machine's (or the container's) for the processor, the
 * driver's word for a CUDA card. Other processes' use counts as used.
 *
 * @param total all there is
 * @param free what is not in use now
 */
public record DeviceMemory(long total, long free) {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final String DRIVER = "libcuda.so.1";
    private static final int SUCCESS = 0;

    public long used() {
        return total - free;
    }

    /** What the device has now; empty if its system does not tell. */
    public static Optional<DeviceMemory> of(Device device) {
        return device.isCuda()
                ? cuda(Integer.parseInt(device.torchName().substring("cuda:".length())))
                : Optional.of(processor());
    }

    /** What each of several devices has for itself, of the one with least; those that are the same device divide it. */
    public static Optional<DeviceMemory> ofEach(List<Device> devices) {
        List<DeviceMemory> all = devices.stream()
                .map(device -> of(device).map(memory -> memory.dividedBy(Collections.frequency(devices, device))))
                .flatMap(Optional::stream)
                .toList();
        return all.size() < devices.size()
                ? Optional.empty()
                : all.stream().reduce((a, b) -> new DeviceMemory(Math.min(a.total, b.total), Math.min(a.free, b.free)));
    }

    private DeviceMemory dividedBy(int users) {
        return new DeviceMemory(total / users, free / users);
    }

    private static DeviceMemory processor() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        // both know a container's limit; what Linux could free at once counts as free, and only it knows how much that
        // is
        long total = system.getTotalMemorySize();
        return new DeviceMemory(total, Math.min(total, Math.max(system.getFreeMemorySize(), reclaimable())));
    }

    private static long reclaimable() {
        if (!Files.isReadable(MEMINFO)) {
            return 0;
        }
        try (var lines = Files.lines(MEMINFO)) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Through the driver's own library, which every machine with a card has; the toolkit may be missing. */
    @SuppressWarnings("restricted")
    private static Optional<DeviceMemory> cuda(int ordinal) {
        try (Arena arena = Arena.ofConfined()) {
            var driver = new Driver(SymbolLookup.libraryLookup(DRIVER, arena));
            MemorySegment device = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment context = arena.allocate(ValueLayout.ADDRESS);
            MemorySegment popped = arena.allocate(ValueLayout.ADDRESS);
            MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
            if (driver.call("cuInit", 0) != SUCCESS || driver.call("cuDeviceGet", device, ordinal) != SUCCESS) {
                return Optional.empty();
            }
            int handle = device.get(ValueLayout.JAVA_INT, 0);
            // the context that PyTorch uses too
            if (driver.call("cuDevicePrimaryCtxRetain", context, handle) != SUCCESS) {
                return Optional.empty();
            }
            try {
                if (driver.call("cuCtxPushCurrent_v2", context.get(ValueLayout.ADDRESS, 0)) != SUCCESS) {
                    return Optional.empty();
                }
                boolean told = driver.call("cuMemGetInfo_v2", free, total) == SUCCESS;
                driver.call("cuCtxPopCurrent_v2", popped);
                return told
                        ? Optional.of(new DeviceMemory(
                                total.get(ValueLayout.JAVA_LONG, 0), free.get(ValueLayout.JAVA_LONG, 0)))
                        : Optional.empty();
            } finally {
                driver.call("cuDevicePrimaryCtxRelease_v2", handle);
            }
        } catch (IllegalArgumentException e) {
            // no driver, or one without these functions
            return Optional.empty();
        }
    }

    /** Functions of the CUDA driver, all of which return a CUresult. */
    private record Driver(SymbolLookup symbols) {
        @SuppressWarnings("restricted")
        int call(String function, Object... arguments) {
            var layouts = new java.lang.foreign.MemoryLayout[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                layouts[i] = arguments[i] instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS;
            }
            MemorySegment address = symbols.find(function)
                    .orElseThrow(() -> new IllegalArgumentException("the CUDA driver has no " + function));
            MethodHandle handle =
                    Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts));
            try {
                return (int) handle.invokeWithArguments(arguments);
            } catch (Throwable e) {
                throw new IllegalStateException(function + " cannot be called", e);
            }
        }
    }
}
