package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.trainer.dataset.Conversation;
import java.util.ArrayList;
import java.util.List;

/** Holds the data against the acceptance questions: what it teaches and they forbid, what they ask for and it never says. */
final class IdentityCheck {
    /** A data set of somebody else's identity has thousands of such answers; these are enough to see it. */
    private static final int LISTED = 100;

    private IdentityCheck() {}

    /** Answers of the rows with a word that a question forbids. */
    static List<ForbiddenWord> forbidden(List<AcceptanceQuestion> questions, List<Conversation> rows) {
        var found = new ArrayList<ForbiddenWord>();
        for (Conversation row : rows) {
            for (String answer : answers(row)) {
                for (AcceptanceQuestion question : questions) {
                    for (String word : question.mustNotContain()) {
                        if (answer.contains(word) && found.size() < LISTED) {
                            found.add(new ForbiddenWord(
                                    question.question(), word, row.source().toString(), answer));
                        }
                    }
                }
            }
        }
        return found;
    }

    /** A line for each word that a question asks for and no answer of the rows holds. */
    static List<String> untaught(List<AcceptanceQuestion> questions, List<Conversation> rows) {
        var warnings = new ArrayList<String>();
        for (AcceptanceQuestion question : questions) {
            for (String word : question.mustContain()) {
                if (rows.stream().noneMatch(row -> answers(row).stream().anyMatch(answer -> answer.contains(word)))) {
                    warnings.add("acceptance: the answer to '%s' must contain '%s', and no answer in the data does"
                            .formatted(question.question(), word));
                }
            }
        }
        return warnings;
    }

    private static List<String> answers(Conversation row) {
        return row.messages().stream()
                .filter(message -> message.role() == Role.ASSISTANT)
                .map(ChatMessage::content)
                .toList();
    }
}
