package io.lorikeet.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Proposes a format for a model's weights where they do not fit as they are, or the processor is slow with them. */
public final class FormatProposal {
    private static final String SETTING = "LORIKEET_QUANTIZATION";
    private static final String DEVICE = "LORIKEET_DEVICE";
    /** Of what is free; the services, their caches and the system take the rest. */
    private static final double USABLE = 0.9;
    /** Models so small are fast and fit as they are. */
    private static final long SMALL = 128L << 20;
    /** Bytes a weight in groups of 128, with its share of scales and zero points and of an output matrix in 8 bits. */
    private static final double INT4 = 0.6;

    private static final double GIB = 1L << 30;

    private FormatProposal() {}

    /**
     * What decides on this machine.
     *
     * @param free bytes of memory that nobody uses
     * @param bfloat16 whether the processor multiplies in bfloat16
     */
    public record Hardware(long free, boolean bfloat16) {
        private static final Path MEMORY = Path.of("/proc/meminfo");
        private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

        /** The one that this runs on; a system that does not say what its processor has is taken to have it. */
        public static Hardware current() {
            var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long available = line(MEMORY, "MemAvailable:")
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .orElse(0L);
            boolean bfloat16 = line(PROCESSOR, "flags", "Features")
                    .map(line -> line.matches(".*\\b(avx512_bf16|amx_bf16|bf16)\\b.*"))
                    .orElse(true);
            return new Hardware(
                    Math.min(system.getTotalMemorySize(), Math.max(available, system.getFreeMemorySize())), bfloat16);
        }

        private static Optional<String> line(Path file, String... beginnings) {
            try (Stream<String> lines = Files.lines(file)) {
                return lines.filter(line -> Stream.of(beginnings).anyMatch(line::startsWith))
                        .findFirst();
            } catch (IOException | UncheckedIOException e) {
                return Optional.empty();
            }
        }
    }

    /** What to say before so many inference services of a model start; nothing if it is served well, or a format is set. */
    public static Optional<String> of(Path model, int replicas, Map<String, String> environment, Hardware hardware) {
        if (environment.containsKey(SETTING)
                || environment.getOrDefault(DEVICE, "cpu").startsWith("cuda")) {
            return Optional.empty();
        }
        long weights = weights(model);
        if (weights * Short.BYTES < SMALL) {
            return Optional.empty();
        }
        double all = (double) weights * replicas;
        double usable = (double) hardware.free() * USABLE;
        if (all * Short.BYTES > usable) {
            String found = model.getFileName() + " takes " + gib(all * Short.BYTES) + " in bfloat16" + of(replicas)
                    + "; " + gib((double) hardware.free()) + " of memory are free.";
            if (all <= usable) {
                return Optional.of(found + take("int8", all));
            }
            return Optional.of(
                    all * INT4 <= usable
                            ? found + take("int4-g128", all * INT4)
                            : found + " Not even 4 bits (" + gib(all * INT4) + ") fit: take a smaller model.");
        }
        if (!hardware.bfloat16()) {
            return Optional.of("This processor has no bfloat16 instructions: " + model.getFileName() + " takes "
                    + gib(all * Float.BYTES) + " in float32" + of(replicas) + "." + take("int8", all)
                    + " It answers faster, too.");
        }
        return Optional.empty();
    }

    private static String take(String format, double bytes) {
        return " Take " + SETTING + "=" + format + ": " + gib(bytes) + ".";
    }

    private static String gib(double bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }

    private static String of(int replicas) {
        return replicas == 1 ? "" : ", " + replicas + " replicas of it";
    }

    /** How many it has; 0 of one that comes quantised, or cannot be read, of which whoever loads it says what is wrong. */
    private static long weights(Path model) {
        try (Stream<Path> files = Files.list(model)) {
            JsonNode config =
                    Json.mapper().readTree(model.resolve("config.json").toFile());
            if (config.has("quantization_config")) {
                return 0;
            }
            long bytes = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
            String type = config.path("dtype").asText(config.path("torch_dtype").asText("bfloat16"));
            return bytes / (type.equals("float32") ? Float.BYTES : Short.BYTES);
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }
}
