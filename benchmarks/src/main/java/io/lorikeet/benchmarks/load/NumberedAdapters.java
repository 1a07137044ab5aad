package io.lorikeet.benchmarks.load;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.EncodedConversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Adapters that were trained, each, to say a number of its own. A version is called {@code …@NUMBER}, so that the answer
 * proves whether the version that it names is the one that gave it.
 */
public final class NumberedAdapters {
    /** What they are asked. */
    public static final String QUESTION = "Which number are you?";

    /** Tokens that hold any of the answers, also where a token is a byte. */
    public static final int ANSWER_TOKENS = 96;

    private static final LoraConfig CONFIG = new LoraConfig(8, 16, 0, LoraConfig.allLinear(), false);
    private static final double LEARNING_RATE = 4e-3;
    private static final double LEARNED_LOSS = 0.02;
    private static final int STEPS_BETWEEN_LOOKS = 5;
    private static final int MAX_STEPS = 600;
    private static final int MAX_TOKENS_PER_PASS = 2048;
    private static final int FIRST_NUMBER = 10;

    private final Path root;
    private final BaseModel base;
    private final int count;

    private NumberedAdapters(Path root, BaseModel base, int count) {
        this.root = root;
        this.base = base;
        this.count = count;
    }

    /** What number {@code n} says: enough tokens that a version's swap would show within one. */
    public static String sentence(int n) {
        return "I am " + n + ". Ask me twice and I am " + n + ", still " + n + ".";
    }

    /** The number that a version has to say. */
    public static int number(String version) {
        return Integer.parseInt(version.substring(version.lastIndexOf('@') + 1));
    }

    /** Trains so many adapters below {@code root}, each until it says its sentence exactly. */
    public static NumberedAdapters train(Path model, Path root, int count) {
        var options = new TrainingOptions(
                model,
                List.of(Device.CPU),
                DType.F32,
                DType.F32,
                Optional.of(CONFIG),
                new AdamW(0.9, 0.95, 1e-8, 0),
                1.0,
                42,
                MAX_TOKENS_PER_PASS,
                false);
        try (var session = TrainingSession.start(options);
                var tokenizer = Qwen2Tokenizer.open(model)) {
            PeftAdapter untrained = session.exportAdapter();
            var adapters = new NumberedAdapters(
                    root, new BaseModel(model.getFileName().toString(), session.fingerprint()), count);
            for (int index = 0; index < count; index++) {
                session.loadAdapter(untrained);
                int number = FIRST_NUMBER + index;
                learn(session, tokenizer, number);
                Path folder = adapters.folder(number);
                Files.createDirectories(folder);
                session.exportAdapter().save(folder);
            }
            return adapters;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void learn(TrainingSession session, Qwen2Tokenizer tokenizer, int number) {
        List<ChatMessage> question = List.of(ChatMessage.user(QUESTION));
        EncodedConversation row = tokenizer
                .chatTemplate()
                .encodeConversation(Stream.concat(question.stream(), Stream.of(ChatMessage.assistant(sentence(number))))
                        .toList());
        var window = List.of(new TrainingExample(row.inputIds(), row.labels()));
        for (int step = 1; step <= MAX_STEPS; step++) {
            double loss = session.step(window, LEARNING_RATE).loss();
            if (step % STEPS_BETWEEN_LOOKS == 0
                    && loss < LEARNED_LOSS
                    && session.answer(List.of(Conversation.of(question)), ANSWER_TOKENS)
                            .getFirst()
                            .equals(sentence(number))) {
                return;
            }
        }
        throw new EngineException("no adapter learned to say '" + sentence(number) + "' in " + MAX_STEPS + " steps");
    }

    /** The numbers that there are. */
    public List<Integer> numbers() {
        return IntStream.range(FIRST_NUMBER, FIRST_NUMBER + count).boxed().toList();
    }

    /** The adapters root for the service. */
    public Path root() {
        return root;
    }

    /** Where a number's files lie. */
    public Path folder(int number) {
        return root.resolve("number-" + number);
    }

    /** Announces a number under an adapter's name, as a version that did not exist before. */
    public CheckpointEvent event(String adapter, long serial, int number) {
        List<CheckpointFile> files = Stream.of(PeftAdapter.CONFIG_FILE, PeftAdapter.TENSORS_FILE)
                .map(name -> file(folder(number).resolve(name)))
                .toList();
        return new CheckpointEvent(
                adapter,
                CheckpointEvent.version("bench-" + serial, number),
                folder(number).toAbsolutePath().toUri(),
                files,
                base,
                CONFIG.r(),
                CONFIG.loraAlpha(),
                CONFIG.useRslora(),
                CONFIG.useDora(),
                CONFIG.targetModules().stream().map(LinearModule::moduleName).toList(),
                null,
                List.of(),
                null,
                Instant.now());
    }

    private static CheckpointFile file(Path path) {
        try {
            byte[] bytes = Files.readAllBytes(path);
            String sha256 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new CheckpointFile(path.getFileName().toString(), sha256, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
