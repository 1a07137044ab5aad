package io.lorikeet.trainer.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.TinyModel;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.plan.RunSetup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs of the real engine on a model of two layers, for tests. */
public final class Runs {
    private static final String ROWS = """
            [{"query": "who", "response": "a bird"},
             {"query": "what", "response": "a song"},
             {"query": "where", "response": "a tree"},
             {"query": "when", "response": "at dawn"},
             {"query": "why", "response": "for joy"}]
            """;
    private static final String QUICK = """
            {"type": "train", "job_id": "job", "adapter": "bird", "dataset": ["d.json"],
             "per_device_train_batch_size": 2, "gradient_accumulation_steps": 1, "learning_rate": 0.01,
             "gradient_checkpointing": false, "logging_steps": 3, "system": ""}
            """;

    private final Path data;
    private final Path model;

    /** Makes a model and {@code d.json}, five rows, in a folder. */
    public Runs(Path folder) throws IOException {
        data = folder;
        model = TinyModel.write(folder.resolve("model"));
        Files.writeString(folder.resolve("d.json"), ROWS);
    }

    public Path data() {
        return data;
    }

    public Path model() {
        return model;
    }

    public RunResult run(RunFolder run, String settings, RunControl control, RunObserver observer) throws IOException {
        TrainCommand command = command(settings);
        return new TrainingRun(
                        new RunSetup(command, "tiny", model, Roots.anywhere(data, data), "cpu", Optional.empty(), run),
                        control,
                        observer)
                .run();
    }

    public static TrainCommand command(String settings) {
        return (TrainCommand) TrainingCommand.parse(json(settings).getBytes(StandardCharsets.UTF_8));
    }

    /** What a test says comes in the place of what is quick. */
    public static String json(String settings) {
        var all = (ObjectNode) Json.parse(QUICK.getBytes(StandardCharsets.UTF_8), "quick");
        all.setAll((ObjectNode) Json.parse(("{" + settings + "}").getBytes(StandardCharsets.UTF_8), "settings"));
        return all.toString();
    }

    /** Keeps what a run says, and can act at a step. */
    public static final class Recorder implements RunObserver {
        final List<TrainingEvent> events = new ArrayList<>();
        final List<String> warnings = new ArrayList<>();
        final List<StepReport> reports = new ArrayList<>();
        /** The phase of each sign of life. */
        final List<String> signs = new ArrayList<>();

        private Runnable atStep = () -> {};
        private Runnable atSign = () -> {};
        private String phase = "";

        void stopAfter(int more, RunControl control) {
            after(more, () -> control.request(RunControl.Stop.SHUTDOWN));
        }

        void cancelAfter(int more, RunControl control) {
            after(more, () -> control.request(RunControl.Stop.CANCEL));
        }

        /** Acts after so many more steps. */
        void after(int more, Runnable action) {
            int at = steps() + more;
            atStep = () -> {
                if (steps() == at) {
                    action.run();
                }
            };
        }

        /** Acts at the so-many-th sign of life from a phase, counted from now. */
        void atSign(String of, int nth, Runnable action) {
            long at = signs(of) + nth;
            atSign = () -> {
                if (phase.equals(of) && signs(of) == at) {
                    action.run();
                }
            };
        }

        long signs(String of) {
            return signs.stream().filter(of::equals).count();
        }

        int steps() {
            return reports.size();
        }

        <T extends TrainingEvent> List<T> events(Class<T> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }

        @Override
        public void phase(String name) {
            phase = name;
        }

        @Override
        public void alive() {
            signs.add(phase);
            atSign.run();
        }

        @Override
        public void event(TrainingEvent event) {
            events.add(event);
        }

        @Override
        public void warning(String message) {
            warnings.add(message);
        }

        @Override
        public void dropped(String reason, int rows) {}

        @Override
        public void step(StepReport step) {
            reports.add(step);
            atStep.run();
        }

        @Override
        public void checkpointWritten(Duration took) {}
    }
}
