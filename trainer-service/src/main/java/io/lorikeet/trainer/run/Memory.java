package io.lorikeet.trainer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process holds in memory, natives included. */
final class Memory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double KIB_PER_GIB = 1 << 20;

    private Memory() {}

    /** GiB; the Java heap alone where the system does not tell more. */
    static double gibibytes() {
        if (Files.isReadable(STATUS)) {
            try (var lines = Files.lines(STATUS)) {
                return lines.filter(line -> line.startsWith("VmRSS:"))
                        .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / KIB_PER_GIB)
                        .findFirst()
                        .orElseGet(Memory::heap);
            } catch (IOException e) {
                return heap();
            }
        }
        return heap();
    }

    private static double heap() {
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 30);
    }
}
