package io.lorikeet.contracts;

import io.lorikeet.contracts.shape.Setting;
import java.util.List;

/** A question that the trained model must answer in a certain way before its adapter is served. */
public record AcceptanceQuestion(
        @Setting(doc = "Asked at temperature 0 with the trained adapter.", required = true)
        String question,

        @Setting(doc = "Texts that must all occur in the answer.", defaultValue = "[]")
        List<String> mustContain,

        @Setting(doc = "Texts none of which may occur in the answer.", defaultValue = "[]")
        List<String> mustNotContain) {
    public AcceptanceQuestion {
        mustContain = List.copyOf(mustContain);
        mustNotContain = List.copyOf(mustNotContain);
    }

    /** Judges an answer. */
    public AcceptanceAnswer judge(String answer) {
        boolean passed = mustContain.stream().allMatch(answer::contains)
                && mustNotContain.stream().noneMatch(answer::contains);
        return new AcceptanceAnswer(question, answer, mustContain, mustNotContain, passed);
    }
}
