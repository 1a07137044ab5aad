package io.lorikeet.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.trainer.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that really runs out: a process of its own, whose address space is limited once the model is loaded. */
class OutOfMemoryIT {
    @TempDir
    static Path shared;

    private static long needed;
    private static double loss;

    @BeforeAll
    static void measure() throws Exception {
        TinyModel.write(shared.resolve("model"));
        Files.writeString(
                shared.resolve("long.jsonl"),
                IntStream.range(0, 256)
                        .mapToObj(i ->
                                "{\"query\": \"%d\", \"response\": \"%s\"}".formatted(i, "a bird sings ".repeat(15)))
                        .collect(Collectors.joining("\n")));
        List<String> unlimited = train("false", 0);
        needed = Long.parseLong(value(unlimited, "needed "));
        loss = Double.parseDouble(value(unlimited, "loss "));
        assertThat(needed).as("the pass is large").isGreaterThan(300L << 20);
        assertThat(unlimited).noneMatch(line -> line.startsWith("warning"));
    }

    @Test
    void aWindowThatDoesNotFitIsHalvedAndTrainedToTheSameLoss() throws Exception {
        List<String> lines = train("false", needed * 7 / 10);

        assertThat(value(lines, "warning "))
                .startsWith("out of memory in micro-batches of up to 65536 tokens; the run goes on with ")
                .endsWith(" and recomputation");
        assertThat(Double.parseDouble(value(lines, "loss "))).isCloseTo(loss, within(1e-5));
    }

    @Test
    void whatDoesNotFitInHalvesEitherFailsWithWhatWasTriedAndWhatWouldFit() throws Exception {
        List<String> lines = train("true", needed / 10);

        assertThat(value(lines, "failed in "))
                .startsWith("memory, retryable true: cpu has too little memory: micro-batches of up to ")
                .containsPattern(
                        "micro-batches of up to \\d+ tokens with recomputation did not fit, nor did micro-batches of up to \\d+")
                .contains("the longest row has ")
                .containsPattern("about \\d+ tokens would fit: set max_tokens_per_pass and max_length to no more");
    }

    private static List<String> train(String checkpointing, long headroom) throws Exception {
        Path job = Files.writeString(shared.resolve("job.json"), """
                {"type": "train", "job_id": "job", "adapter": "bird", "dataset": ["long.jsonl"], "max_steps": 1,
                 "per_device_train_batch_size": 256, "gradient_accumulation_steps": 1, "lora_dropout": 0, "system": "",
                 "gradient_checkpointing": %s, "max_tokens_per_pass": 65536}
                """.formatted(checkpointing));
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xms256m",
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                TightMemory.class.getName(),
                job.toString(),
                shared.resolve("model").toString(),
                shared.toString(),
                Files.createTempDirectory(shared, "out").toString(),
                Long.toString(headroom));
        // each thread's arena would reserve 64 MB of the address space
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("OPT_OUT_TRACKING", "true");
        Process process = builder.redirectErrorStream(true).start();
        List<String> lines = process.inputReader().lines().toList();
        assertThat(process.waitFor()).as(() -> String.join("\n", lines)).isZero();
        return lines;
    }

    private static String value(List<String> lines, String prefix) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line with " + prefix + " in " + String.join("\n", lines)));
    }
}
