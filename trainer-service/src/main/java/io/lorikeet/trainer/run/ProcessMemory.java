package io.lorikeet.trainer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process holds in memory, natives included. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double GIB = 1L << 30;

    private ProcessMemory() {}

    /** Bytes; the Java heap alone where the system does not tell more. */
    public static long bytes() {
        if (Files.isReadable(STATUS)) {
            try (var lines = Files.lines(STATUS)) {
                return lines.filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                        .findFirst()
                        .orElseGet(ProcessMemory::heap);
            } catch (IOException e) {
                return heap();
            }
        }
        return heap();
    }

    static double gibibytes() {
        return bytes() / GIB;
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
