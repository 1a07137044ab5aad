package io.lorikeet.pretraining;

import io.lorikeet.engine.generation.GenerationRequest;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;

/** What a model answers to many questions at temperature 0, asked as a server's clients would: all at once. */
public final class Recall {
    private static final int LONGEST_ANSWER = 96;

    private Recall() {}

    /** The answers by question; {@code adapter} as a request names it. */
    public static SequencedMap<String, String> answers(
            InferenceEngine engine, Optional<String> adapter, List<String> questions) {
        var asked = questions.stream()
                .map(question -> Conversation.of(List.of(ChatMessage.user(question))))
                .toList();
        var said = continuations(engine, adapter, asked).iterator();
        SequencedMap<String, String> answers = new LinkedHashMap<>();
        questions.forEach(question -> answers.put(question, said.next()));
        return answers;
    }

    /** What is said next in each conversation. */
    public static List<String> continuations(
            InferenceEngine engine, Optional<String> adapter, List<Conversation> conversations) {
        List<String> answers = new ArrayList<>();
        // no more wait at once than the engine lets
        for (List<Conversation> some :
                parts(conversations, engine.options().batching().maxWaiting())) {
            List<CompletableFuture<GenerationResult>> pending = new ArrayList<>();
            for (Conversation conversation : some) {
                pending.add(engine.answer(new GenerationRequest(
                        "recall",
                        List.of(new Prompt.Chat(conversation)),
                        1,
                        adapter,
                        Optional.empty(),
                        SamplingParams.greedy(LONGEST_ANSWER),
                        Optional.empty())));
            }
            pending.forEach(answer -> answers.add(answer.join().text()));
        }
        return answers;
    }

    private static <T> List<List<T>> parts(List<T> all, int size) {
        List<List<T>> parts = new ArrayList<>();
        for (int from = 0; from < all.size(); from += size) {
            parts.add(all.subList(from, Math.min(from + size, all.size())));
        }
        return parts;
    }
}
