package io.lorikeet.pretraining;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.WeightFormat;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What weights in few bits make of a model that has learned something. */
class FewBitsTest {
    private static final Path MODEL = Path.of(System.getProperty("lorikeet.home"), "models/fledgling");
    private static final int ROWS = 40;

    private static List<int[]> rows;
    private static List<float[]> expected;

    @BeforeAll
    static void read() throws IOException {
        List<Corpus.Row> corpus = Corpus.read(MODEL.resolve("corpus")).rows();
        try (var tokenizer = Qwen2Tokenizer.open(MODEL, vocabulary())) {
            rows = IntStream.range(0, ROWS)
                    .mapToObj(i -> corpus.get(i * corpus.size() / ROWS))
                    .map(row -> IntStream.concat(
                                    IntStream.of(tokenizer
                                            .chatTemplate()
                                            .encodePrompt(Conversation.of(List.of(ChatMessage.user(row.query()))))),
                                    IntStream.of(tokenizer.encodeText(row.response())))
                            .toArray())
                    .toList();
        }
        expected = logits(WeightFormat.DENSE);
    }

    /** Relative error of the logits, and how often the likeliest token is another, over a text that is given. */
    @ParameterizedTest(name = "{0}: error of at most {1}, as likely in at least {2}")
    @CsvSource({"INT8, 0.02, 0.99", "FP8, 0.08, 0.98", "INT4, 0.25, 0.87", "INT4_G128, 0.25, 0.9", "NF4, 0.25, 0.87"})
    void staysNearTheModelThatItWas(WeightFormat format, double error, double agreement) {
        List<float[]> found = logits(format);

        double off = 0;
        double size = 0;
        int same = 0;
        int tokens = 0;
        for (int row = 0; row < ROWS; row++) {
            float[] right = expected.get(row);
            float[] made = found.get(row);
            for (int i = 0; i < right.length; i++) {
                off += Math.pow(made[i] - right[i], 2);
                size += Math.pow(right[i], 2);
            }
            int vocabulary = right.length / rows.get(row).length;
            for (int from = 0; from < right.length; from += vocabulary) {
                same += likeliest(made, from, vocabulary) == likeliest(right, from, vocabulary) ? 1 : 0;
                tokens++;
            }
        }
        assertThat(Math.sqrt(off / size)).as("relative error of the logits").isBetween(error / 10, error);
        assertThat((double) same / tokens).as("greedy agreement").isGreaterThan(agreement);
    }

    private static int likeliest(float[] logits, int from, int count) {
        int best = from;
        for (int i = from; i < from + count; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best - from;
    }

    private static List<float[]> logits(WeightFormat format) {
        try (var thread = new EngineThread("test");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(MODEL)) {
            return thread.call(() -> {
                var options = new ProgramOptions(
                        checkpoint.config(), Device.CPU, DType.F32, DType.F32, 1, 256, 1, 1, TrainedLora.NONE);
                try (var program = DecoderProgram.load(options.with(format), checkpoint)) {
                    List<float[]> logits = new ArrayList<>();
                    for (int[] row : rows) {
                        logits.add(program.serve().logits(row, 0, Optional.empty()));
                    }
                    return logits;
                }
            });
        }
    }

    private static int vocabulary() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(MODEL)) {
            return checkpoint.config().vocabSize();
        }
    }
}
