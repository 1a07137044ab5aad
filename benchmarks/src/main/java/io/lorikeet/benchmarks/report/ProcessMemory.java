package io.lorikeet.benchmarks.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory of a process as Linux counts it.
 *
 * @param resident bytes now
 * @param peak the most it ever was
 * @param anonymous bytes now that are no page of a file: heap, stacks, what was allocated
 */
public record ProcessMemory(long resident, long peak, long anonymous) {
    private static final long KIB = 1024;

    public static ProcessMemory of(long pid) {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        try {
            String text = Files.readString(status);
            return new ProcessMemory(field(text, "VmRSS:"), field(text, "VmHWM:"), field(text, "RssAnon:"));
        } catch (IOException e) {
            throw new UncheckedIOException(status + " cannot be read; memory is measured on Linux only", e);
        }
    }

    public static ProcessMemory current() {
        return of(ProcessHandle.current().pid());
    }

    private static long field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + name + " in a process's status"));
    }
}
