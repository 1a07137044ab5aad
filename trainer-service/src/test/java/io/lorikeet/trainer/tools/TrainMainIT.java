package io.lorikeet.trainer.tools;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.trainer.run.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer of the command line as a process of its own, stopped as a terminal or a supervisor stops it. */
class TrainMainIT {
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;
    private static final Pattern CHECKPOINT = Pattern.compile("\"resume_from_checkpoint\": \"(.*)\"");
    /** A step is 200 passes: wherever a signal comes, it comes in mid-step. */
    private static final String LONG_STEPS =
            "\"per_device_train_batch_size\": 200, \"max_tokens_per_pass\": 64, \"save_steps\": 100000, \"logging_steps\": 1, ";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        var _ = new Runs(shared);
        var rows = new StringBuilder("[");
        for (int i = 0; i < 200; i++) {
            rows.append(i == 0 ? "" : ",").append("{\"query\": \"who\", \"response\": \"bird %d\"}".formatted(i));
        }
        Files.writeString(shared.resolve("many.json"), rows + "]");
    }

    @Test
    void aSignalInMidStepEndsInACheckpointAndAWordHowToGoOn() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int signal : new int[] {SIGTERM, SIGINT}) {
            Run run = start(LONG_STEPS + "\"dataset\": [\"many.json\"], \"max_steps\": 100000");
            run.awaitLine("step 1/");
            Thread.sleep(random.nextInt(1_000));
            run.signal(signal);

            assertThat(run.exitCode()).as("seed %d: %s", seed, run.text()).isEqualTo(128 + signal);
            Matcher hint = CHECKPOINT.matcher(run.text());
            assertThat(hint.find()).as(run.text()).isTrue();
            Path checkpoint = Path.of(hint.group(1));
            assertThat(checkpoint).isDirectory();
            run.assertNoCrash();

            int step = Integer.parseInt(checkpoint.getFileName().toString().substring("checkpoint-".length()));
            Run next = start(LONG_STEPS
                    + "\"dataset\": [\"many.json\"], \"max_steps\": %d, \"resume_from_checkpoint\": \"%s\""
                            .formatted(step + 1, checkpoint));
            assertThat(next.exitCode()).as(next.text()).isZero();
            assertThat(next.text()).contains("step %d/%d".formatted(step + 1, step + 1));
        }
    }

    @Test
    void aSignalBeforeTheFirstStepSavesNothingAndSaysSo() throws Exception {
        Run run = start(LONG_STEPS + "\"dataset\": [\"many.json\"], \"max_steps\": 100000");
        run.awaitLine("steps over");
        run.signal(SIGTERM);

        assertThat(run.exitCode()).isEqualTo(128 + SIGTERM);
        assertThat(run.text()).contains("stopped before the first step; nothing was saved");
        run.assertNoCrash();
    }

    private Run start(String settings) throws IOException {
        Path job = Files.createTempFile(folder, "job", ".json");
        Files.writeString(job, Runs.json(settings));
        return new Run(job);
    }

    /** One process. */
    private final class Run {
        private final Path log;
        private final Path work;
        private final Process process;

        Run(Path job) throws IOException {
            work = Files.createTempDirectory(folder, "run");
            log = work.resolve("log");
            List<String> command = new ArrayList<>(List.of(
                    // a build in the background may have been told to ignore it, and what it starts inherits that
                    "env",
                    "--default-signal=INT",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    TrainMain.class.getName(),
                    job.toString()));
            command.addAll(List.of(
                    "--out", work.resolve("out").toString(),
                    "--model", shared.resolve("model").toString(),
                    "--data", shared.toString()));
            process = new ProcessBuilder(command)
                    .directory(work.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        }

        void awaitLine(String part) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + SECONDS.toNanos(60);
            while (!text().contains(part)) {
                assertThat(process.isAlive() && System.nanoTime() < deadline)
                        .as("'%s' comes in: %s", part, text())
                        .isTrue();
                MILLISECONDS.sleep(20);
            }
        }

        void signal(int number) throws IOException, InterruptedException {
            int exit = new ProcessBuilder("kill", "-" + number, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            assertThat(exit).isZero();
        }

        int exitCode() throws InterruptedException, IOException {
            assertThat(process.waitFor(60, SECONDS)).as(text()).isTrue();
            return process.exitValue();
        }

        String text() throws IOException {
            return Files.readString(log);
        }

        /** The JVM leaves a report where it crashes. */
        void assertNoCrash() throws IOException {
            try (var files = Files.list(work)) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("log", "out");
            }
            assertThat(text()).doesNotContain("fatal error");
        }
    }
}
