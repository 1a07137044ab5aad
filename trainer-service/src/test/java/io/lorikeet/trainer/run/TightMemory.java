package io.lorikeet.trainer.run;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.plan.RunSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A process that trains a job and lets itself have only so much more memory as soon as the model is there: {@code job.json
 * model data out bytes}. Prints warnings, how it ended, and how much it needed.
 */
final class TightMemory {
    private TightMemory() {}

    public static void main(String[] arguments) throws IOException {
        var command = (TrainCommand) TrainingCommand.parse(Files.readAllBytes(Path.of(arguments[0])));
        var setup = new RunSetup(
                command,
                "tiny",
                Path.of(arguments[1]),
                Roots.anywhere(Path.of(arguments[2]), Path.of("")),
                "cpu",
                Optional.empty(),
                RunFolder.create(Path.of(arguments[3])));
        var watch = new Watch(Long.parseLong(arguments[4]));
        try {
            var done = (RunResult.Finished) new TrainingRun(setup, new RunControl(), watch).run();
            System.out.println("loss " + done.summary().trainLoss());
        } catch (RunException e) {
            System.out.println("failed in " + e.where() + ", retryable " + e.retryable() + ": " + e.getMessage());
        }
        System.out.println("needed " + (status("VmHWM") - watch.before));
        System.exit(0);
    }

    private static long status(String name) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static final class Watch implements RunObserver {
        private final long headroom;
        private long before;

        Watch(long headroom) {
            this.headroom = headroom;
        }

        @Override
        public void event(TrainingEvent event) {
            if (!(event instanceof TrainingEvent.Started)) {
                return;
            }
            try {
                before = status("VmRSS");
                if (headroom > 0) {
                    long limit = status("VmSize") + headroom;
                    int exit = new ProcessBuilder(
                                    "prlimit",
                                    "--pid",
                                    Long.toString(ProcessHandle.current().pid()),
                                    "--as=" + limit)
                            .inheritIO()
                            .start()
                            .waitFor();
                    if (exit != 0) {
                        throw new IllegalStateException("prlimit failed with " + exit);
                    }
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void warning(String message) {
            System.out.println("warning " + message);
        }

        @Override
        public void phase(String name) {}

        @Override
        public void alive() {}

        @Override
        public void dropped(String reason, int rows) {}

        @Override
        public void step(StepReport step) {}

        @Override
        public void checkpointWritten(Duration took) {}
    }
}
