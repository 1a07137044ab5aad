package io.lorikeet.pretraining;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.GenerationRequest;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.generation.TokenListener;
import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;

/** What a model answers to many questions at temperature 0, asked as a server's clients would: all at once. */
public final class Recall {
    private static final int LONGEST_ANSWER = 64;

    private Recall() {}

    /** The answers by question; {@code adapter} as a request names it. */
    public static SequencedMap<String, String> answers(
            InferenceEngine engine, Optional<String> adapter, List<String> questions) {
        Map<String, CompletableFuture<String>> pending = new LinkedHashMap<>();
        SequencedMap<String, String> answers = new LinkedHashMap<>();
        // no more wait at once than the engine lets
        for (List<String> some : parts(questions, engine.options().batching().maxWaiting())) {
            for (String question : some) {
                var answer = new CompletableFuture<String>();
                engine.submit(
                        GenerationRequest.chat(
                                question,
                                List.of(ChatMessage.user(question)),
                                adapter,
                                SamplingParams.greedy(LONGEST_ANSWER)),
                        new Answer(answer));
                pending.put(question, answer);
            }
            pending.forEach((question, answer) -> answers.put(question, answer.join()));
            pending.clear();
        }
        return answers;
    }

    private static List<List<String>> parts(List<String> all, int size) {
        List<List<String>> parts = new ArrayList<>();
        for (int from = 0; from < all.size(); from += size) {
            parts.add(all.subList(from, Math.min(from + size, all.size())));
        }
        return parts;
    }

    private record Answer(CompletableFuture<String> text) implements TokenListener {
        @Override
        public void started(Optional<AdapterVersion> adapter) {}

        @Override
        public void delta(String text, List<TokenLogprobs> logprobs) {}

        @Override
        public void finished(GenerationResult result) {
            text.complete(result.text());
        }

        @Override
        public void failed(EngineException error) {
            text.completeExceptionally(error);
        }
    }
}
