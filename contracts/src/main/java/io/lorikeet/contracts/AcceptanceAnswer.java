package io.lorikeet.contracts;

import java.util.List;

/** How an {@link AcceptanceQuestion} was answered. */
public record AcceptanceAnswer(
        String question, String answer, List<String> mustContain, List<String> mustNotContain, boolean passed) {
    public AcceptanceAnswer {
        Checks.present("question", question);
        Checks.present("answer", answer);
        mustContain = mustContain == null ? List.of() : Checks.list("must_contain", mustContain);
        mustNotContain = mustNotContain == null ? List.of() : Checks.list("must_not_contain", mustNotContain);
    }
}
