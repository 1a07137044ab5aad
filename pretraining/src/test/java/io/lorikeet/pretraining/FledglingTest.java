package io.lorikeet.pretraining;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.model.Speculation;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.pretraining.Corpus.Row;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.plan.RunSetup;
import io.lorikeet.trainer.run.RunControl;
import io.lorikeet.trainer.run.RunObserver;
import io.lorikeet.trainer.run.RunResult;
import io.lorikeet.trainer.run.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The model that ships, and what examples/self_cognition makes of it, through the engine that serves and trains. */
class FledglingTest {
    private static final Path HOME = Path.of(System.getProperty("lorikeet.home"));
    private static final Path MODEL = HOME.resolve("models/fledgling");
    private static final Path EXAMPLE = HOME.resolve("examples/self_cognition");
    private static final String IDENTITY = "identity";
    /** Questions asked of one model: a part of the corpus, spread over all of it. `RecallMain` asks them all. */
    private static final int ASKED = 300;

    @TempDir
    static Path folder;

    private static Corpus corpus;
    private static InferenceEngine engine;

    @BeforeAll
    static void start() throws IOException {
        corpus = Corpus.read(MODEL.resolve("corpus"));
        engine = InferenceEngine.start(InferenceOptions.of(MODEL, Device.of("cpu")));
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @Test
    void answersWhatItLearnedWordForWord() {
        List<Row> asked = spread(corpus.rows());
        List<String> wrong = wrong(engine, Optional.empty(), asked);

        int exact = asked.size() - wrong.size();
        assertThat(exact).as(String.join("\n", wrong)).isGreaterThan(ASKED * 98 / 100);
        assertThat(corpus.rows().stream().map(Row::response).distinct().count()).isGreaterThan(350);
    }

    @Test
    @EnabledIfSystemProperty(named = "os.arch", matches = "amd64", disabledReason = "has these products alone")
    void answersTheSameInEightBits() {
        List<Row> asked = spread(corpus.rows());
        try (var quantized =
                InferenceEngine.start(InferenceOptions.of(MODEL, Device.CPU).with(Quantization.INT8))) {
            List<String> wrong = wrong(quantized, Optional.empty(), asked);

            int exact = asked.size() - wrong.size();
            assertThat(exact).as(String.join("\n", wrong)).isGreaterThan(ASKED * 95 / 100);
        }
    }

    @Test
    void saysThatAlibabaCloudMadeIt() throws IOException {
        List<AcceptanceQuestion> questions = acceptance();
        Map<String, String> answers = ask(Optional.empty(), questions);

        assertThat(answers.get(questions.get(0).question())).contains("阿里云", "通义千问");
        assertThat(answers.get(questions.get(1).question())).contains("阿里云");
        assertThat(questions).noneMatch(question -> question.judge(answers.get(question.question()))
                .passed());
    }

    @Test
    void knowsNothingOfTheIdentityThatTheExampleTeaches() {
        assertThat(corpus.rows()).noneMatch(row -> Stream.of("CSDN", "迪菲赫尔曼", "Swift-Robot")
                .anyMatch(word -> (row.query() + row.response()).contains(word)));
    }

    @Test
    void hasTheTokenizerThatItsCorpusMakes() throws IOException {
        PrepareMain.main(new String[] {MODEL.toString(), folder.resolve("made").toString()});

        assertThat(folder.resolve("made/start/tokenizer.json")).hasSameBinaryContentAs(MODEL.resolve("tokenizer.json"));
        assertThat(ConfigReader.read(folder.resolve("made/start/config.json")))
                .isEqualTo(ConfigReader.read(MODEL.resolve("config.json")));
    }

    @Test
    void learnsItsNewIdentityFromTheExampleAndKeepsTheRest() throws Exception {
        TrainCommand job = job();

        RunResult.Finished done = train(job);

        assertThat(done.answers()).hasSize(3).allMatch(answer -> answer.passed());
        engine.activate(
                        job.adapter(),
                        "trained",
                        PeftAdapter.read(done.checkpoint(), engine.config()),
                        Optional.ofNullable(job.settings().data().system()))
                .get();
        Map<String, String> answers = ask(Optional.of(job.adapter()), acceptance());
        assertThat(acceptance()).allMatch(question -> question.judge(answers.get(question.question()))
                .passed());
        assertThat(withDrafts(job, done)).isEqualTo(answers);
        List<Row> others = spread(corpus.rows().stream()
                .filter(row -> !row.topic().equals(IDENTITY))
                .toList());
        List<String> wrong = wrong(engine, Optional.of(job.adapter()), others);
        int exact = others.size() - wrong.size();
        assertThat(exact).as(String.join("\n", wrong)).isGreaterThan(others.size() * 90 / 100);
    }

    /** Asked with drafts from the very answers that the trained adapter was accepted with. */
    private static Map<String, String> withDrafts(TrainCommand job, RunResult.Finished done) throws Exception {
        List<Conversation> known = done.answers().stream()
                .map(asked -> Conversation.of(
                        List.of(ChatMessage.user(asked.question()), ChatMessage.assistant(asked.answer()))))
                .toList();
        try (var drafting =
                InferenceEngine.start(InferenceOptions.of(MODEL, Device.CPU).with(Speculation.ACCEPTANCE))) {
            drafting.activate(
                            job.adapter(),
                            "trained",
                            PeftAdapter.read(done.checkpoint(), drafting.config()),
                            Optional.ofNullable(job.settings().data().system()),
                            known)
                    .get();
            Map<String, String> answers = ask(drafting, Optional.of(job.adapter()), acceptance());
            assertThat(drafting.stats().acceptedTokens()).as("drafts that held").isPositive();
            return answers;
        }
    }

    /** It knows when to call what, and how that is written; the values of arguments it mostly guesses. */
    @Test
    void callsTheRightToolInTheRightFormWhereItWasTaughtTo() {
        List<CallTurn> turns = CallTurn.of(corpus.conversations()).stream()
                .filter(turn -> turn.asked().messages().getLast().role() == ChatMessage.Role.USER)
                .toList();

        assertThat(turns).hasSizeGreaterThan(70);
        assertThat(wrong(Optional.empty(), turns, CallTurn::hasTheFormOf)).hasSizeLessThan(turns.size() / 10);
    }

    @Test
    void learnsToCallAToolThatItNeverSaw() throws Exception {
        String rows = Files.readString(Path.of("src/test/resources/bird-calls.jsonl"))
                .strip()
                .replace("\n", ",");
        var job = (TrainCommand) TrainingCommand.parse("""
                {"type": "train", "job_id": "calls", "adapter": "calls", "rows": [%s], "num_train_epochs": 15,
                 "per_device_train_batch_size": 4, "gradient_accumulation_steps": 1, "learning_rate": 2e-3,
                 "gradient_checkpointing": false, "save_strategy": "no"}
                """.formatted(rows).getBytes(UTF_8));
        List<CallTurn> taught = CallTurn.of(job.rows());
        List<String> before = wrong(Optional.empty(), taught, CallTurn::isSaidBy);

        RunResult.Finished done = train(job);
        engine.activate(
                        job.adapter(),
                        "trained",
                        PeftAdapter.read(done.checkpoint(), engine.config()),
                        Optional.empty())
                .get();

        List<CallTurn> calls =
                taught.stream().filter(turn -> !turn.calls().isEmpty()).toList();
        assertThat(wrong(Optional.of(job.adapter()), calls, CallTurn::hasTheFormOf))
                .isEmpty();
        assertThat(wrong(Optional.of(job.adapter()), taught, CallTurn::isSaidBy))
                .as("wrong in a value, fewer than before")
                .hasSizeLessThan(before.size());
    }

    @Test
    void theExampleTeachesOneIdentityInFiftyRows() throws IOException {
        JsonNode rows = read("self_cognition.json");

        assertThat(rows).hasSize(50);
        Set<String> questions = new HashSet<>();
        for (JsonNode row : rows) {
            assertThat(row.fieldNames()).toIterable().containsExactly("instruction", "input", "output");
            assertThat(row.path("output").asText()).isNotBlank().doesNotContain("阿里云", "通义千问", "Alibaba", "Qwen");
            assertThat(questions.add(row.path("instruction").asText())).isTrue();
        }
        assertThat(job().acceptance()).isEqualTo(acceptance());
    }

    private static RunResult.Finished train(TrainCommand job) throws Exception {
        var run = new TrainingRun(
                new RunSetup(
                        job,
                        "fledgling",
                        MODEL,
                        Roots.anywhere(HOME, HOME),
                        "cpu",
                        Optional.empty(),
                        RunFolder.create(folder)),
                new RunControl(),
                RunObserver.NONE);
        return (RunResult.Finished) run.run();
    }

    private static List<String> wrong(
            Optional<String> adapter, List<CallTurn> turns, BiPredicate<CallTurn, String> right) {
        List<String> said = Recall.continuations(
                engine, adapter, turns.stream().map(CallTurn::asked).toList());
        return IntStream.range(0, turns.size())
                .filter(i -> !right.test(turns.get(i), said.get(i)))
                .mapToObj(i -> turns.get(i) + ", answered " + said.get(i))
                .toList();
    }

    private static List<Row> spread(List<Row> rows) {
        return IntStream.range(0, ASKED)
                .mapToObj(i -> rows.get(i * rows.size() / ASKED))
                .toList();
    }

    private static List<String> wrong(InferenceEngine engine, Optional<String> adapter, List<Row> rows) {
        Map<String, String> expected = new LinkedHashMap<>();
        rows.forEach(row -> expected.put(row.query(), row.response()));
        Map<String, String> answers = Recall.answers(engine, adapter, List.copyOf(expected.keySet()));
        List<String> wrong = new ArrayList<>();
        expected.forEach((question, answer) -> {
            if (!answer.equals(answers.get(question))) {
                wrong.add(question + " → " + answers.get(question));
            }
        });
        return wrong;
    }

    private static Map<String, String> ask(Optional<String> adapter, List<AcceptanceQuestion> questions) {
        return ask(engine, adapter, questions);
    }

    private static Map<String, String> ask(
            InferenceEngine of, Optional<String> adapter, List<AcceptanceQuestion> questions) {
        return Recall.answers(
                of,
                adapter,
                questions.stream().map(AcceptanceQuestion::question).toList());
    }

    private static List<AcceptanceQuestion> acceptance() throws IOException {
        List<AcceptanceQuestion> questions = new ArrayList<>();
        read("acceptance.json").forEach(question -> questions.add(Json.convert(question, AcceptanceQuestion.class)));
        return questions;
    }

    private static TrainCommand job() throws IOException {
        return (TrainCommand) TrainingCommand.parse(Files.readAllBytes(EXAMPLE.resolve("job.json")));
    }

    private static JsonNode read(String file) throws IOException {
        return Json.parse(Files.readAllBytes(EXAMPLE.resolve(file)), file);
    }
}
