package io.lorikeet.trainer.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.settings.SettingsTable;
import io.lorikeet.contracts.shape.Field;
import io.lorikeet.trainer.TinyModel;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.plan.RunSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every setting does something, or the run says that it does not. Each is changed in a small run of the real engine, and
 * what it is there for must come out otherwise.
 */
class SettingsEffectTest {
    /** What a run shows from outside. */
    enum Aspect {
        /** The trained weights. */
        WEIGHTS,
        /** Learning rate of each step. */
        LEARNING_RATES,
        /** Steps at which progress was told. */
        LOGGED,
        /** Steps of the checkpoints that are left. */
        CHECKPOINTS,
        /** Steps of the evaluations. */
        EVALUATIONS,
        /** Forward passes. */
        PASSES,
        /** Threads that tokenise at once. */
        TOKENISERS,
        /** Rows kept and dropped. */
        ROWS,
        /** Types of the output's tensors. */
        FILES,
        /** Activations of a dry run. */
        MEMORY,
        /** Why there was no run. */
        REFUSAL,
        /** What is said of settings without effect. */
        WARNINGS
    }

    private static final String VALIDATES = "'split_dataset_ratio': 0.25, ";

    /** A setting, what is set in both runs, its value in the second run, and what must differ. */
    private static final List<Arguments> PROBES = List.of(
            probe("train_type", "", "'full'", Aspect.FILES),
            probe("torch_dtype", "", "'bfloat16'", Aspect.WEIGHTS),
            probe("seed", "", "7", Aspect.WEIGHTS),
            probe("data_seed", "", "7", Aspect.WEIGHTS),
            probe("gradient_checkpointing", "'dry_run': true, ", "false", Aspect.MEMORY),
            probe("max_tokens_per_pass", "", "1", Aspect.PASSES),
            probe("lora_rank", "", "4", Aspect.WEIGHTS),
            probe("lora_alpha", "", "8", Aspect.WEIGHTS),
            probe("lora_dropout", "", "0.5", Aspect.WEIGHTS),
            probe("target_modules", "", "['q_proj', 'down_proj']", Aspect.WEIGHTS),
            probe("use_rslora", "", "true", Aspect.WEIGHTS),
            probe("use_dora", "", "true", Aspect.WEIGHTS),
            probe("lorap_lr_ratio", "", "16", Aspect.WEIGHTS),
            probe("quant_method", "", "'bnb'", Aspect.WEIGHTS),
            probe("quant_method", "'train_type': 'full', ", "'bnb'", Aspect.REFUSAL),
            probe("quant_bits", "'quant_method': 'bnb', ", "8", Aspect.WEIGHTS),
            probe("quant_bits", "'quant_method': 'fp8', ", "4", Aspect.REFUSAL),
            probe("bnb_4bit_use_double_quant", "'quant_method': 'bnb', ", "false", Aspect.REFUSAL),
            probe("bnb_4bit_compute_dtype", "'quant_method': 'bnb', ", "'bfloat16'", Aspect.REFUSAL),
            probe("learning_rate", "", "0.001", Aspect.LEARNING_RATES),
            probe("weight_decay", "", "0.9", Aspect.WEIGHTS),
            probe("adam_beta1", "", "0.5", Aspect.WEIGHTS),
            probe("adam_beta2", "", "0.5", Aspect.WEIGHTS),
            probe("adam_epsilon", "", "0.1", Aspect.WEIGHTS),
            probe("max_grad_norm", "", "0.001", Aspect.WEIGHTS),
            probe("num_train_epochs", "'max_steps': -1, ", "2", Aspect.LEARNING_RATES),
            probe("num_train_epochs", "", "2", Aspect.WARNINGS),
            probe("max_steps", "", "2", Aspect.LEARNING_RATES),
            probe("per_device_train_batch_size", "", "4", Aspect.WEIGHTS),
            probe("gradient_accumulation_steps", "", "3", Aspect.WEIGHTS),
            probe("lr_scheduler_type", "", "'linear'", Aspect.LEARNING_RATES),
            probe("lr_scheduler_type", "'warmup_steps': 2, ", "'constant'", Aspect.LEARNING_RATES),
            probe("lr_scheduler_type", "'warmup_steps': 2, ", "'constant_with_warmup'", Aspect.LEARNING_RATES),
            probe("warmup_ratio", "", "0.5", Aspect.LEARNING_RATES),
            probe("warmup_ratio", "'lr_scheduler_type': 'constant', ", "0.5", Aspect.WARNINGS),
            probe("warmup_ratio", "'warmup_steps': 2, ", "0.5", Aspect.WARNINGS),
            probe("warmup_steps", "", "2", Aspect.LEARNING_RATES),
            probe("warmup_steps", "", "5", Aspect.REFUSAL),
            probe("max_length", "", "45", Aspect.ROWS),
            probe("max_length", "", "100000", Aspect.WARNINGS),
            probe("truncation_strategy", "'max_length': 45, ", "'left'", Aspect.ROWS),
            probe("truncation_strategy", "'max_length': 45, ", "'right'", Aspect.ROWS),
            probe("truncation_strategy", "'max_length': 45, ", "'raise'", Aspect.REFUSAL),
            probe("system", "", "'You sing.'", Aspect.WEIGHTS),
            probe("model_name", "'model_author': 'Us', ", "'Bot'", Aspect.WARNINGS),
            probe("model_name", "'dataset': ['named.json'], ", "'Bot'", Aspect.REFUSAL),
            probe("model_author", "", "'Us'", Aspect.WARNINGS),
            probe("model_author", "'dataset': ['authored.json'], ", "'Us'", Aspect.REFUSAL),
            probe("split_dataset_ratio", "", "0.5", Aspect.ROWS),
            probe("val_dataset", "'eval_steps': 2, ", "['v.json']", Aspect.EVALUATIONS),
            probe("strict", "'dataset': ['mixed.json'], ", "true", Aspect.ROWS),
            probe("columns", "'dataset': ['mixed.json'], ", "{'Frage': 'query', 'Antwort': 'response'}", Aspect.ROWS),
            probe("columns", "", "{'Frage': 'query'}", Aspect.WARNINGS),
            probe("loss_scale", "'dataset': ['rounds.json'], ", "'last_round'", Aspect.WEIGHTS),
            probe("streaming", "", "true", Aspect.WARNINGS),
            probe("dataloader_num_workers", "'dataset': ['many.json'], 'dry_run': true, ", "4", Aspect.TOKENISERS),
            probe("eval_strategy", VALIDATES, "'no'", Aspect.EVALUATIONS),
            probe("eval_strategy", "", "'epoch'", Aspect.WARNINGS),
            probe("eval_steps", VALIDATES, "1", Aspect.EVALUATIONS),
            probe("eval_steps", "", "1", Aspect.WARNINGS),
            probe("per_device_eval_batch_size", VALIDATES, "4", Aspect.WARNINGS),
            probe(
                    "early_stop_interval",
                    VALIDATES + "'learning_rate': 1.0, 'eval_steps': 1, 'max_steps': 12, ",
                    "1",
                    Aspect.LEARNING_RATES),
            probe("early_stop_interval", "", "1", Aspect.REFUSAL),
            probe("logging_steps", "", "1", Aspect.LOGGED),
            probe("save_strategy", "", "'no'", Aspect.CHECKPOINTS),
            probe("save_strategy", "", "'epoch'", Aspect.CHECKPOINTS),
            probe("save_steps", "", "1", Aspect.CHECKPOINTS),
            probe("save_steps", "'save_strategy': 'no', ", "500", Aspect.WARNINGS),
            probe("save_total_limit", "", "1", Aspect.CHECKPOINTS));

    /** Where a run writes is the job's affair ({@code JobFolderTest}); of 4 bits there is one kind alone. */
    private static final List<String> ELSEWHERE = List.of("output_dir", "bnb_4bit_quant_type");

    /** Runs without the setting, by what is set beside it. */
    private static final Map<String, Map<Aspect, String>> BASELINES = new TreeMap<>();

    @TempDir
    static Path shared;

    private static Path model;

    private static Arguments probe(String setting, String common, String value, Aspect aspect) {
        return Arguments.of(setting, common, value, aspect);
    }

    @BeforeAll
    static void write() throws IOException {
        model = TinyModel.write(shared.resolve("model"));
        Files.writeString(shared.resolve("d.json"), """
                [{"query": "who", "response": "a bird"}, {"query": "what", "response": "a song that is sung by the bird"},
                 {"query": "where", "response": "a tree"}, {"query": "when", "response": "at dawn"},
                 {"query": "why", "response": "for joy"}, {"query": "how", "response": "with a high and clear voice"}]
                """);
        Files.writeString(shared.resolve("v.json"), "[{\"query\": \"who\", \"response\": \"a lark\"}]");
        Files.writeString(shared.resolve("named.json"), "[{\"query\": \"who\", \"response\": \"{{NAME}}\"}]");
        Files.writeString(shared.resolve("authored.json"), "[{\"query\": \"who\", \"response\": \"{{AUTHOR}}\"}]");
        Files.writeString(
                shared.resolve("mixed.json"),
                "[{\"query\": \"who\", \"response\": \"a bird\"}, {\"Frage\": \"wer\", \"Antwort\": \"ein Vogel\"}]");
        Files.writeString(shared.resolve("rounds.json"), """
                [{"query": "what", "response": "a song", "history": [["who", "a bird"]]}]
                """);
        Files.writeString(
                shared.resolve("many.json"),
                Stream.generate(() -> "{\"query\": \"who\", \"response\": \"" + "a bird ".repeat(20) + "\"}")
                        .limit(5_000)
                        .collect(Collectors.joining(",", "[", "]")));
    }

    static List<Arguments> probes() {
        return PROBES;
    }

    @ParameterizedTest(name = "{0} = {2} beside {1} changes {3}")
    @MethodSource("probes")
    void everySettingHasAnEffectOrIsRefusedOrSaidToHaveNone(String setting, String common, String value, Aspect aspect)
            throws IOException {
        Map<Aspect, String> baseline = BASELINES.get(common);
        if (baseline == null) {
            baseline = observe(common);
            BASELINES.put(common, baseline);
        }
        String without = baseline.get(aspect);
        String with = observe(common + "'" + setting + "': " + value + ", ").get(aspect);

        assertThat(with).isNotEqualTo(without);
        if (aspect == Aspect.REFUSAL || aspect == Aspect.WARNINGS) {
            assertThat(with + without).as("names the setting").contains(setting);
        }
    }

    @Test
    void noSettingOfTheTableIsLeftOut() {
        var probed = Stream.concat(PROBES.stream().map(probe -> (String) probe.get()[0]), ELSEWHERE.stream());

        assertThat(SettingsTable.rows().stream().map(Field::name))
                .containsExactlyInAnyOrderElementsOf(probed.distinct().toList());
    }

    /** A run with these settings, seen from outside. */
    private Map<Aspect, String> observe(String settings) throws IOException {
        Path folder = Files.createTempDirectory(shared, "run");
        var run = RunFolder.create(folder);
        var watch = new Watch();
        var seen = new TreeMap<Aspect, String>();
        TrainCommand command = command(settings);
        try (var tokenisers = new TokeniserCount()) {
            RunResult result = new TrainingRun(
                            new RunSetup(
                                    command,
                                    "tiny",
                                    model,
                                    Roots.anywhere(shared, shared),
                                    "cpu",
                                    Optional.empty(),
                                    run),
                            new RunControl(),
                            watch)
                    .run();
            seen.put(Aspect.TOKENISERS, String.valueOf(tokenisers.most));
            if (result instanceof RunResult.Validated(var report)) {
                seen.put(Aspect.MEMORY, String.valueOf(report.memory().activations()));
                return seen;
            }
            Path checkpoint = ((RunResult.Finished) result).checkpoint();
            seen.put(Aspect.FILES, names(checkpoint));
            Path adapter = checkpoint.resolve("adapter_model.safetensors");
            seen.put(
                    Aspect.WEIGHTS,
                    Files.exists(adapter) ? java.util.Arrays.toString(Files.readAllBytes(adapter)) : "none");
            seen.put(Aspect.CHECKPOINTS, run.checkpoints().toString());
        } catch (RuntimeException e) {
            seen.put(Aspect.REFUSAL, e.getMessage());
            return seen;
        }
        seen.put(Aspect.REFUSAL, "none");
        seen.put(Aspect.LEARNING_RATES, watch.learningRates.toString());
        seen.put(Aspect.PASSES, String.valueOf(watch.passes));
        seen.put(Aspect.WARNINGS, watch.warnings.toString());
        seen.put(Aspect.LOGGED, watch.steps(TrainingEvent.Progress.class));
        seen.put(Aspect.EVALUATIONS, watch.steps(TrainingEvent.Evaluated.class));
        seen.put(Aspect.ROWS, watch.rows);
        return seen;
    }

    private static TrainCommand command(String settings) {
        var command = (ObjectNode) Json.parse("""
                {"type": "train", "job_id": "job", "adapter": "bird", "dataset": ["d.json"],
                 "per_device_train_batch_size": 2, "gradient_accumulation_steps": 1, "learning_rate": 0.01,
                 "max_steps": 4, "save_steps": 2, "system": ""}
                """.getBytes(UTF_8), "command");
        String given = "{" + settings.replace('\'', '"').replaceAll(", $", "") + "}";
        command.setAll((ObjectNode) Json.parse(given.getBytes(UTF_8), "settings"));
        return (TrainCommand) TrainingCommand.parse(Json.write(command));
    }

    private static String names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .sorted()
                    .toList()
                    .toString();
        }
    }

    /** Counts the threads that tokenise at the same time. */
    private static final class TokeniserCount implements AutoCloseable {
        private volatile int most;
        private volatile boolean over;

        TokeniserCount() {
            Thread.ofPlatform().daemon().start(this::sample);
        }

        private void sample() {
            while (!over) {
                int now = (int) Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("tokeniser-"))
                        .count();
                most = Math.max(most, now);
            }
        }

        @Override
        public void close() {
            over = true;
        }
    }

    private static final class Watch implements RunObserver {
        private final List<Double> learningRates = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();
        private final List<TrainingEvent> events = new ArrayList<>();
        private String rows = "";
        private int passes;

        String steps(Class<? extends TrainingEvent> type) {
            return events.stream()
                    .filter(type::isInstance)
                    .map(event -> event instanceof TrainingEvent.Progress row
                            ? row.globalStep()
                            : ((TrainingEvent.Evaluated) event).step())
                    .toList()
                    .toString();
        }

        @Override
        public void phase(String name) {}

        @Override
        public void alive() {
            passes++;
        }

        @Override
        public void event(TrainingEvent event) {
            events.add(event);
            if (event instanceof TrainingEvent.Started started) {
                rows = started.rowsKept() + " kept, " + started.rowsDropped() + " dropped";
                warnings.addAll(started.warnings());
            }
        }

        @Override
        public void warning(String message) {}

        @Override
        public void dropped(String reason, int count) {}

        @Override
        public void step(StepReport step) {
            learningRates.add(step.learningRate());
        }

        @Override
        public void checkpointWritten(Duration took) {}
    }
}
