package io.lorikeet.engine.program;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.sharing.Sharing;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process with a base of its own or a shared one, which says its logits as often as it is asked. */
final class SharedBaseProcess implements AutoCloseable {
    private static final int[] PROMPT = {5, 17, 99, 3, 250, 42, 7};

    private final Process process;
    private final BufferedReader answers;

    SharedBaseProcess(Path directory, WeightFormat format) throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SharedBaseProcess.class.getName(),
                        directory.toString(),
                        format.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Its logits for a prompt, as a number; waits until it has loaded. */
    String logits() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return answers.readLine();
    }

    /** What of its memory is files of a directory, in KiB: {@code Rss}, all of it, or {@code Pss}, its part of it. */
    long mapped(Path directory, String measure) throws IOException {
        long sum = 0;
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                inside = line.contains(directory.toString());
            } else if (inside && line.startsWith(measure + ":")) {
                sum += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return sum;
    }

    /** Ends it as the system's out-of-memory killer would. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] args) throws IOException {
        var sharing = Sharing.in(Path.of(args[0]));
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-bf16"))) {
            var options = new ProgramOptions(
                            checkpoint.config(), Device.CPU, DType.BF16, DType.F32, 2, 64, 1, 4, TrainedLora.NONE)
                    .with(WeightFormat.valueOf(args[1]));
            try (var program = DecoderProgram.load(options, checkpoint, PROMPT, sharing)) {
                while (System.in.read() >= 0) {
                    float[] logits = program.serve().logits(PROMPT, 0, Optional.empty());
                    System.out.println(Arrays.hashCode(logits) + " " + List.of(logits[0], logits[1]));
                }
            }
        }
    }
}
