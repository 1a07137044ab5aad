package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.trainer.dataset.DatasetRow;
import io.lorikeet.trainer.dataset.Turn;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Holds the data against the acceptance questions while it is read: what it teaches and they forbid, what they ask for and it
 * never says. Rows are numbered as they come, since which of them are trained on is known only afterwards.
 */
final class IdentityCheck {
    /** A data set of somebody else's identity has thousands of such answers; these are enough to see it. */
    private static final int LISTED = 100;
    /** As many are kept until it is known which rows are trained on. */
    private static final int KEPT = 10_000;

    private final List<AcceptanceQuestion> questions;
    private final Map<Integer, List<ForbiddenWord>> forbidden = new LinkedHashMap<>();
    private final Map<String, BitSet> taughtBy = new LinkedHashMap<>();
    private int row;

    IdentityCheck(List<AcceptanceQuestion> questions) {
        this.questions = questions;
        questions.forEach(question -> question.mustContain().forEach(word -> taughtBy.put(word, new BitSet())));
    }

    /** The next one. */
    void read(DatasetRow conversation) {
        if (!questions.isEmpty()) {
            for (Turn turn : conversation.turns()) {
                if (turn.teaches()) {
                    check(turn.said(), conversation);
                }
            }
        }
        row++;
    }

    private void check(String answer, DatasetRow conversation) {
        for (AcceptanceQuestion question : questions) {
            for (String word : question.mustNotContain()) {
                if (answer.contains(word) && forbidden.size() < KEPT) {
                    forbidden
                            .computeIfAbsent(row, _ -> new ArrayList<>())
                            .add(new ForbiddenWord(
                                    question.question(),
                                    word,
                                    conversation.source().toString(),
                                    answer));
                }
            }
        }
        taughtBy.forEach((word, rows) -> {
            if (answer.contains(word)) {
                rows.set(row);
            }
        });
    }

    /** What was found in all that was read. */
    Found found() {
        Map<String, byte[]> taught = new LinkedHashMap<>();
        taughtBy.forEach((word, rows) -> taught.put(word, rows.toByteArray()));
        return new Found(forbidden, taught);
    }

    /**
     * What answers say of the questions' words.
     *
     * @param forbidden answers with a word that a question forbids, by the row's number
     * @param taughtBy for each word that a question asks for, the rows with an answer that holds it: a bit each
     */
    record Found(Map<Integer, List<ForbiddenWord>> forbidden, Map<String, byte[]> taughtBy) {

        /** Answers of these rows with a word that a question forbids. */
        List<ForbiddenWord> forbidden(int[] rows) {
            return IntStream.of(rows)
                    .mapToObj(number -> forbidden.getOrDefault(number, List.of()))
                    .flatMap(List::stream)
                    .limit(LISTED)
                    .toList();
        }

        /** A line for each word that a question asks for and no answer of these rows holds. */
        List<String> untaught(List<AcceptanceQuestion> questions, int[] rows) {
            var warnings = new ArrayList<String>();
            for (AcceptanceQuestion question : questions) {
                for (String word : question.mustContain()) {
                    if (IntStream.of(rows).noneMatch(BitSet.valueOf(taughtBy.get(word))::get)) {
                        warnings.add("acceptance: the answer to '%s' must contain '%s', and no answer in the data does"
                                .formatted(question.question(), word));
                    }
                }
            }
            return warnings;
        }
    }
}
