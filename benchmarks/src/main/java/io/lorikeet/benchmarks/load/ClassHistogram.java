package io.lorikeet.benchmarks.load;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The objects in a JVM's heap after a full collection.
 *
 * @param bytes by class, named as the JVM names it
 */
record ClassHistogram(Map<String, Long> bytes) {
    /** A line is {@code   12:   345   6789  java.lang.String (java.base@25)}: number, objects, bytes, class. */
    private static final Pattern LINE = Pattern.compile("^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(.+)$", Pattern.MULTILINE);

    /** What a collector writes over dead objects that it leaves where they are. */
    private static final String FILLER = "jdk.internal.vm.Filler";

    /** Collects the garbage of a process of this user, and counts. */
    static ClassHistogram of(long pid) {
        try {
            // a file, since this very process stands still while it is counted, and could empty no pipe
            Path output = Files.createTempFile("lorikeet-histogram", ".txt");
            try {
                Process jcmd = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                        .toString(),
                                Long.toString(pid),
                                "GC.class_histogram")
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                if (jcmd.waitFor() != 0) {
                    throw new CliException("jcmd GC.class_histogram failed for process " + pid + ": "
                            + Files.readString(output).strip());
                }
                return parse(Files.readString(output));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("jcmd cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    static ClassHistogram parse(String output) {
        Map<String, Long> bytes = LINE.matcher(output)
                .results()
                .collect(Collectors.toMap(line -> line.group(2), line -> Long.parseLong(line.group(1)), Long::sum));
        if (bytes.isEmpty()) {
            throw new CliException("no class histogram: " + output.strip());
        }
        return new ClassHistogram(bytes);
    }

    /** Of all live objects. */
    long liveBytes() {
        return bytes.entrySet().stream()
                .filter(of -> !of.getKey().contains(FILLER))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
