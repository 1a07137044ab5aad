package io.lorikeet.contracts;

import io.lorikeet.contracts.shape.Setting;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A question that the trained model must answer in a certain way before its adapter is served. */
public record AcceptanceQuestion(
        @Setting(doc = "Asked at temperature 0 with the trained adapter.", required = true)
        String question,

        @Setting(doc = "Texts that must all occur in the answer.", defaultValue = "[]")
        List<String> mustContain,

        @Setting(doc = "Texts none of which may occur in the answer.", defaultValue = "[]")
        List<String> mustNotContain) {
    /** Longest answer, in tokens. */
    public static final int MAX_NEW_TOKENS = 256;

    public AcceptanceQuestion {
        mustContain = List.copyOf(mustContain);
        mustNotContain = List.copyOf(mustNotContain);
    }

    /** Judges an answer. */
    public AcceptanceAnswer judge(String answer) {
        return new AcceptanceAnswer(
                question, answer, mustContain, mustNotContain, refusal(answer).isEmpty());
    }

    /** What is wrong with an answer; empty if nothing is. */
    public Optional<String> refusal(String answer) {
        var lacks = mustContain.stream()
                .filter(text -> !answer.contains(text))
                .map(text -> "it lacks " + Shown.value(text));
        var holds = mustNotContain.stream().filter(answer::contains).map(text -> "it holds " + Shown.value(text));
        return Stream.concat(lacks, holds).findFirst();
    }
}
