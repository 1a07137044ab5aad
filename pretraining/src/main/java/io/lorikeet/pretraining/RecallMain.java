package io.lorikeet.pretraining;

import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.program.Device;
import io.lorikeet.pretraining.Corpus.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * {@code MODEL_DIR CORPUS_DIR [--spellings]}: asks a model all questions of a corpus, with {@code --spellings} in all their
 * spellings, and says which it does not answer word for word.
 */
public final class RecallMain {
    /** The turns of conversations with tools, beside the topics. */
    private static final String CALLS = "calls";

    private RecallMain() {}

    /** Of these questions so many were answered word for word. */
    private record Score(int asked, int exact) {
        Score plus(boolean right) {
            return new Score(asked + 1, exact + (right ? 1 : 0));
        }

        @Override
        public String toString() {
            return "%d of %d (%.1f %%)".formatted(exact, asked, 100.0 * exact / asked);
        }
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 2) {
            System.err.println("usage: MODEL_DIR CORPUS_DIR [--spellings]");
            System.exit(2);
        }
        boolean spellings = arguments.length > 2 && arguments[2].equals("--spellings");
        SequencedMap<String, Row> questions = new LinkedHashMap<>();
        Corpus corpus = Corpus.read(Path.of(arguments[1]));
        for (Row row : corpus.rows()) {
            questions.put(row.query(), row);
            if (spellings) {
                Spellings.of(row.query()).forEach(spelling -> questions.putIfAbsent(spelling, row));
            }
        }
        Map<String, Score> scores = new TreeMap<>();
        var all = new Score(0, 0);
        InferenceOptions options = InferenceOptions.of(Path.of(arguments[0]), Device.of("cpu"));
        Function<Map.Entry<String, String>, String> expected =
                answer -> questions.get(answer.getKey()).response();
        try (InferenceEngine engine = InferenceEngine.start(options)) {
            for (var answer : Recall.answers(
                            engine,
                            Optional.empty(),
                            questions.keySet().stream().toList())
                    .entrySet()) {
                boolean right = answer.getValue().equals(expected.apply(answer));
                if (!right) {
                    System.out.printf(
                            "%s%n  answered %s%n  expected %s%n",
                            answer.getKey(), answer.getValue(), expected.apply(answer));
                }
                scores.merge(
                        questions.get(answer.getKey()).topic(),
                        new Score(0, 0).plus(right),
                        (score, one) -> score.plus(right));
                all = all.plus(right);
            }
            List<CallTurn> turns = CallTurn.of(corpus.conversations());
            List<String> said = Recall.continuations(
                    engine,
                    Optional.empty(),
                    turns.stream().map(CallTurn::asked).toList());
            for (int i = 0; i < turns.size(); i++) {
                boolean right = turns.get(i).isSaidBy(said.get(i));
                if (!right) {
                    System.out.printf("%s%n  answered %s%n", turns.get(i), said.get(i));
                }
                scores.merge(CALLS, new Score(0, 0).plus(right), (score, one) -> score.plus(right));
                all = all.plus(right);
            }
        }
        scores.forEach((topic, score) -> System.out.printf("%-12s %s%n", topic, score));
        System.out.println("all          " + all);
    }
}
