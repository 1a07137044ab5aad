package io.lorikeet.benchmarks.decode;

import io.lorikeet.benchmarks.model.RandomModel;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.LoraConfig;
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
import java.util.function.IntFunction;

/** Decodes on an engine of this process. */
final class EngineDecode {
    private static final String VERSION = "1";

    private final InferenceEngine engine;

    EngineDecode(InferenceEngine engine) {
        this.engine = engine;
    }

    /** Makes so many different adapters resident. */
    void activate(int adapters, LoraConfig config) {
        for (int i = 0; i < adapters; i++) {
            engine.activate(name(i), VERSION, RandomModel.adapter(config, engine.config(), i), Optional.empty())
                    .join();
        }
    }

    /** Greedy streams; stream i asks adapter i modulo their number, or the base model if there are none. */
    TokenClock run(int streams, int adapters, int tokens, String prompt) {
        return run(streams, adapters, tokens, prompt, _ -> SamplingParams.greedy(tokens));
    }

    /** The same; stream i chooses its tokens by sampling i. */
    TokenClock run(int streams, int adapters, int tokens, String prompt, IntFunction<SamplingParams> sampling) {
        var clock = new TokenClock(streams);
        List<CompletableFuture<GenerationResult>> answers = new ArrayList<>();
        for (int stream = 0; stream < streams; stream++) {
            Optional<String> adapter = adapters == 0 ? Optional.empty() : Optional.of(name(stream % adapters));
            var listener = new Stream(clock, stream);
            engine.submit(
                    GenerationRequest.chat(
                            "stream-" + stream, List.of(ChatMessage.user(prompt)), adapter, sampling.apply(stream)),
                    listener);
            answers.add(listener.answer);
        }
        answers.forEach(answer -> {
            int found = answer.join().completionTokens();
            if (found != tokens) {
                throw new IllegalStateException(
                        "a stream ended after " + found + " tokens instead of " + tokens + "; take another seed");
            }
        });
        return clock;
    }

    /** Tokens of a prompt a second until the first token is there, the best of some rounds after one that does not count. */
    double prefill(int tokens, int adapters, int rounds) {
        double best = 0;
        for (int round = 0; round <= rounds; round++) {
            // a token a byte; each begins otherwise, so that none has a prefix of another
            String prompt = round + "x".repeat(tokens);
            long start = System.nanoTime();
            var listener = new Stream(new TokenClock(1), 0);
            engine.submit(
                    GenerationRequest.chat(
                            "prompt-" + round,
                            List.of(ChatMessage.user(prompt)),
                            adapters == 0 ? Optional.empty() : Optional.of(name(0)),
                            SamplingParams.greedy(1)),
                    listener);
            int read = listener.answer.join().promptTokens();
            double seconds = (System.nanoTime() - start) / 1e9;
            best = round == 0 ? 0 : Math.max(best, read / seconds);
        }
        return best;
    }

    private static String name(int adapter) {
        return "adapter-" + adapter;
    }

    /** Notes when text comes; in a model of {@code RandomModel} each token is text. */
    private static final class Stream implements TokenListener {
        private final TokenClock clock;
        private final int number;
        private final CompletableFuture<GenerationResult> answer = new CompletableFuture<>();

        Stream(TokenClock clock, int number) {
            this.clock = clock;
            this.number = number;
        }

        @Override
        public void started(Optional<AdapterVersion> adapter) {}

        @Override
        public void delta(String text, List<TokenLogprobs> logprobs) {
            clock.token(number);
        }

        @Override
        public void finished(GenerationResult result) {
            answer.complete(result);
        }

        @Override
        public void failed(EngineException error) {
            answer.completeExceptionally(error);
        }
    }
}
