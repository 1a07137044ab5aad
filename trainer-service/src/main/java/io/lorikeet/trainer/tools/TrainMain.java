package io.lorikeet.trainer.tools;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.EngineException;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.plan.RunSetup;
import io.lorikeet.trainer.run.RunControl;
import io.lorikeet.trainer.run.RunObserver;
import io.lorikeet.trainer.run.RunResult;
import io.lorikeet.trainer.run.TrainingRun;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/**
 * Trains a command from a file, without Kafka: {@code job.json --out DIR [--model DIR] [--data DIR] [--device cpu]}. The
 * run is written to {@code DIR/v{N}-yyyyMMdd-HHmmss}, the last line of the output is its last checkpoint's folder.
 * Relative dataset paths begin in {@code --data}, by default the job's folder. Exit code 0: trained and accepted, 1: not
 * trained, 2: wrong arguments, 3: trained and not accepted. Ctrl-C or SIGTERM stops at the end of the micro-batch in hand, saves a
 * checkpoint and says how to go on from it; the exit code is then the signal's, 130 or 143.
 */
public final class TrainMain {
    private static final String USAGE = "usage: job.json --out DIR [--model DIR] [--data DIR] [--device cpu|cuda:N,…]";

    private TrainMain() {}

    public static void main(String[] arguments) {
        var control = new RunControl();
        var ended = new CountDownLatch(1);
        // the JVM must not go down under a micro-batch that native code computes: that ends in a crash
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            control.request(RunControl.Stop.SHUTDOWN);
            awaitQuietly(ended);
        }));
        int code;
        try {
            code = run(arguments, control, System.out, System.err);
        } finally {
            ended.countDown();
        }
        System.exit(code);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The same in this process; returns the exit code. */
    public static int run(String[] arguments, RunControl control, PrintStream out, PrintStream err) {
        Map<String, String> options = new TreeMap<>();
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        boolean known =
                java.util.Set.of("--out", "--model", "--data", "--device").containsAll(options.keySet());
        if (arguments.length % 2 == 0 || !known || !options.containsKey("--out")) {
            err.println(USAGE);
            return 2;
        }
        try {
            RunSetup setup = setup(Path.of(arguments[0]), options);
            return switch (new TrainingRun(setup, control, new Console(out)).run()) {
                case RunResult.Finished done -> {
                    done.answers().stream().map(TrainMain::line).forEach(out::println);
                    out.println(done.checkpoint());
                    yield done.accepted() ? 0 : 3;
                }
                case RunResult.Validated(var report) -> {
                    out.println(new String(Json.write(report), StandardCharsets.UTF_8));
                    yield 0;
                }
                case RunResult.Interrupted(int step) -> {
                    err.println(stopped(setup, step));
                    yield 1;
                }
                case RunResult.Cancelled _ ->
                    throw new IllegalStateException("nobody cancels a run of the command line");
            };
        } catch (ContractException | DatasetException | RunException | EngineException | IOException e) {
            err.println(e instanceof IOException ? e.toString() : e.getMessage());
            return 1;
        }
    }

    private static String stopped(RunSetup setup, int step) throws IOException {
        return setup.folder()
                .latest()
                .map(last ->
                        "stopped after step %d; to go on from there, run the job with \"resume_from_checkpoint\": \"%s\""
                                .formatted(step, last.path().toAbsolutePath()))
                .orElse("stopped before the first step; nothing was saved");
    }

    private static RunSetup setup(Path job, Map<String, String> options) throws IOException {
        if (!(TrainingCommand.parse(Files.readAllBytes(job)) instanceof TrainCommand command)) {
            throw new RunException("command", false, job + ": is a cancel, not a train command");
        }
        String model = options.getOrDefault("--model", command.model());
        if (model == null) {
            throw new RunException("command", false, job + ": names no model; name one there or with --model DIR");
        }
        Path data = options.containsKey("--data")
                ? Path.of(options.get("--data"))
                : job.toAbsolutePath().getParent();
        return new RunSetup(
                command,
                model,
                Path.of(model),
                Roots.anywhere(data, Path.of("")),
                options.getOrDefault("--device", "cpu"),
                Optional.empty(),
                RunFolder.create(Path.of(options.get("--out"))));
    }

    private static String line(AcceptanceAnswer answer) {
        return "%s %s → %s".formatted(answer.passed() ? "passed" : "FAILED", answer.question(), answer.answer());
    }

    /** A line for each thing that a person at a terminal wants to know. */
    private record Console(PrintStream out) implements RunObserver {
        @Override
        public void phase(String name) {}

        @Override
        public void alive() {}

        @Override
        public void event(TrainingEvent event) {
            switch (event) {
                case TrainingEvent.Started started ->
                    out.printf(
                            "%d steps over %d rows, %d trainable parameters%n",
                            started.maxSteps(), started.rowsKept(), started.trainableParameters());
                case TrainingEvent.Progress row ->
                    out.printf(
                            "step %d/%d  loss %.4f  token_acc %.3f  grad_norm %.3f  learning_rate %.3g  %.2f s/it  %.0f s left%n",
                            row.globalStep(),
                            row.maxSteps(),
                            row.loss(),
                            row.tokenAcc(),
                            row.gradNorm(),
                            row.learningRate(),
                            row.trainSpeed(),
                            row.remainingTime());
                case TrainingEvent.Evaluated row ->
                    out.printf(
                            "step %d  eval_loss %.4f  eval_token_acc %.3f%n",
                            row.step(), row.evalLoss(), row.evalTokenAcc());
                case TrainingEvent.CheckpointSaved saved -> out.printf("saved %s%n", saved.path());
                case TrainingEvent.Accepted _, TrainingEvent.Rejected _ -> {}
                case TrainingEvent.Queued _,
                        TrainingEvent.Succeeded _,
                        TrainingEvent.Failed _,
                        TrainingEvent.Cancelled _,
                        TrainingEvent.Validated _ -> throw new IllegalStateException("not an event of a run: " + event);
            }
        }

        @Override
        public void warning(String message) {
            out.println(message);
        }

        @Override
        public void dropped(String reason, int rows) {}

        @Override
        public void step(StepReport step) {}

        @Override
        public void checkpointWritten(Duration took) {}
    }
}
