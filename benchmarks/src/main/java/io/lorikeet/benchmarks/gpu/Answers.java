package io.lorikeet.benchmarks.gpu;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/** One answer, and when its tokens came: {@code System.nanoTime()}, the engine's thread alone writing. */
final class Answers implements TokenListener {
    private static final int FLOWING = 8;

    final List<Long> arrivals = new ArrayList<>();
    final CompletableFuture<Long> first = new CompletableFuture<>();
    /** Complete when the answer has left the prompts of those that came with it behind. */
    final CompletableFuture<Void> flowing = new CompletableFuture<>();

    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();

    static Answers ask(InferenceEngine engine, String prompt, Optional<String> adapter, int tokens) {
        var answer = new Answers();
        engine.submit(
                GenerationRequest.chat(
                        "gpu", List.of(ChatMessage.user(prompt)), adapter, SamplingParams.greedy(tokens)),
                answer);
        return answer;
    }

    @Override
    public void started(Optional<AdapterVersion> adapter) {}

    @Override
    public void delta(String text, List<TokenLogprobs> logprobs) {
        arrivals.add(System.nanoTime());
        first.complete(arrivals.getFirst());
        if (arrivals.size() == FLOWING) {
            flowing.complete(null);
        }
    }

    @Override
    public void finished(GenerationResult finished) {
        first.complete(System.nanoTime());
        flowing.complete(null);
        result.complete(finished);
    }

    @Override
    public void failed(EngineException error) {
        first.completeExceptionally(error);
        flowing.completeExceptionally(error);
        result.completeExceptionally(error);
    }

    GenerationResult join() {
        return result.join();
    }

    /** The longest time between two tokens in nanoseconds, of those of which the second came after {@code from} till {@code to}. */
    long longestGap(long from, long to) {
        return LongStream.range(1, arrivals.size())
                .filter(i -> arrivals.get((int) i) > from && arrivals.get((int) i) <= to)
                .map(i -> arrivals.get((int) i) - arrivals.get((int) i - 1))
                .max()
                .orElse(0);
    }
}
