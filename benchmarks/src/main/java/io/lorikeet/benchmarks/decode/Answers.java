package io.lorikeet.benchmarks.decode;

import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.GenerationRequest;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What an adapter answered to questions asked one after the other, greedily, and what that took.
 *
 * @param tokens of each answer
 * @param nanos from each question to the end of its answer, together
 * @param drafted tokens of drafts
 * @param held those of them that were said
 */
record Answers(List<List<Integer>> tokens, long nanos, long steps, long drafted, long held) {
    private static final String ADAPTER = "adapter";

    /** @param known questions that are asked before, and whose answers drafts are made from, if the options say so */
    static Answers of(
            InferenceOptions options,
            Path adapter,
            String system,
            List<String> asked,
            List<String> known,
            int maxTokens) {
        try (var engine = InferenceEngine.start(options)) {
            PeftAdapter weights = PeftAdapter.read(adapter, engine.config());
            engine.activate(ADAPTER, "1", weights, Optional.of(system)).join();
            // which warms up, too
            List<Conversation> examples = new ArrayList<>();
            for (String question : known) {
                String answer = ask(engine, question, maxTokens).text();
                examples.add(Conversation.of(List.of(ChatMessage.user(question), ChatMessage.assistant(answer))));
            }
            engine.activate(ADAPTER, "2", weights, Optional.of(system), examples)
                    .join();
            var before = engine.stats();
            List<List<Integer>> answers = new ArrayList<>();
            long begun = System.nanoTime();
            for (String question : asked) {
                answers.add(ask(engine, question, maxTokens).tokens());
            }
            long nanos = System.nanoTime() - begun;
            var done = engine.stats();
            return new Answers(
                    answers,
                    nanos,
                    done.decodeSteps() - before.decodeSteps(),
                    done.draftTokens() - before.draftTokens(),
                    done.acceptedTokens() - before.acceptedTokens());
        }
    }

    private static GenerationResult ask(InferenceEngine engine, String question, int maxTokens) {
        return engine.answer(GenerationRequest.chat(
                        "question",
                        List.of(ChatMessage.user(question)),
                        Optional.of(ADAPTER),
                        SamplingParams.greedy(maxTokens)))
                .join();
    }

    Answers better(Answers other) {
        return nanos <= other.nanos ? this : other;
    }

    double tokensPerSecond() {
        return count() / (nanos / 1e9);
    }

    /** Without those that prompts give. */
    double tokensPerStep() {
        return (double) (count() - tokens.size()) / steps;
    }

    /** 0 to 1. */
    double accepted() {
        return drafted == 0 ? 0 : (double) held / drafted;
    }

    /** 0 to 1. */
    double sameAs(List<List<Integer>> others) {
        return IntStream.range(0, tokens.size())
                        .filter(i -> tokens.get(i).equals(others.get(i)))
                        .count()
                / (double) tokens.size();
    }

    private long count() {
        return tokens.stream().mapToLong(List::size).sum();
    }
}
