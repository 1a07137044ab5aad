package io.lorikeet.trainer.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that is larger than the heap. {@code ./lorikeet bench dataset} does the same with more. */
class LargeDataTest {
    private static final int ROWS = 200_000;

    @TempDir
    Path folder;

    @Test
    void readsMoreRowsThanItsHeapCouldHold() throws IOException, InterruptedException {
        Path data = folder.resolve("d.jsonl");
        try (var out = Files.newBufferedWriter(data)) {
            for (int i = 0; i < ROWS; i++) {
                out.write(
                        "{\"query\": \"What is the number of row %d of them all?\", \"response\": \"It is %d, and no other.\"}%n"
                                .formatted(i, i));
            }
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx48m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ValidateMain.class.getName(),
                        "--model",
                        Path.of("../models/fledgling").toAbsolutePath().toString(),
                        "--data",
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write("{\"type\": \"train\", \"job_id\": \"j\", \"adapter\": \"a\", \"dataset\": [\"d.jsonl\"]}"
                    .getBytes(UTF_8));
        }
        String said = process.inputReader(UTF_8).lines().reduce("", (_, line) -> line);

        assertThat(process.waitFor()).isZero();
        DryRunReport report = Json.read(said.getBytes(UTF_8), DryRunReport.class);
        assertThat(report.rows()).isEqualTo(ROWS);
        assertThat(report.tokens() * Integer.BYTES).as("bytes of tokens alone").isGreaterThan(32L << 20);
    }
}
