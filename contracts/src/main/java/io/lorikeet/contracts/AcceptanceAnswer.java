package io.lorikeet.contracts;

import java.util.List;

/** How an {@link AcceptanceQuestion} was answered. */
public record AcceptanceAnswer(
        String question, String answer, List<String> mustContain, List<String> mustNotContain, boolean passed) {
    public AcceptanceAnswer {
        mustContain = mustContain == null ? List.of() : List.copyOf(mustContain);
        mustNotContain = mustNotContain == null ? List.of() : List.copyOf(mustNotContain);
    }
}
