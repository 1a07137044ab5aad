package io.lorikeet.benchmarks.gpu;

import io.lorikeet.benchmarks.model.RandomModel;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.tokenizer.ChatMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Loading a model, decoding alone and in a batch of many adapters, the prefill of a long prompt. */
final class ServingFigures {
    private static final int ROUNDS = 4;
    private static final int CONTEXT = 2048;
    /** Tokens of a sequence at most: an answer at that context ends beyond it. */
    private static final int MODEL_LENGTH = 2304;

    private static final double GIB = 1L << 30;
    static final String QUESTION = "The quick brown fox jumps over the lazy dog, and then?";

    private ServingFigures() {}

    static void measure(
            Path model,
            Device device,
            DType dtype,
            Kernels kernels,
            LoraConfig lora,
            int tokens,
            int prompt,
            boolean goals,
            Results results) {
        var memory = new PeakMemory();
        long begun = System.nanoTime();
        try (var engine = InferenceEngine.start(
                options(model, device, dtype, 1, 1, lora.r(), 0).with(kernels))) {
            double load = (System.nanoTime() - begun) / 1e9;
            var loaded = Figure.of("load", load, "s");
            var host = Figure.of("peak host memory", memory.stop() / GIB, "GiB");
            engine.activate("a", "1", RandomModel.adapter(lora, engine.config(), 0), Optional.empty())
                    .join();
            results.row("first answer of all, cold", firstAnswer(engine, "a", tokens));
            double base = tokensPerSecond(engine, QUESTION, 1, List.of(), tokens);
            double adapted = tokensPerSecond(engine, QUESTION, 1, List.of("a"), tokens);
            double far = tokensPerSecond(engine, prompt(engine, 'y', CONTEXT - tokens / 2), 1, List.of("a"), tokens);
            var step = Figure.of("step", 1000 / adapted, "ms");
            var prefill = Figure.of("prefill", firstToken(engine, prompt), "ms");
            results.row("start", loaded, host);
            results.row("1 stream, base", Figure.of("step", 1000 / base, "ms"), Figure.of("decode", base, "tokens/s"));
            results.row("1 stream, 1 adapter", step, Figure.of("decode", adapted, "tokens/s"), prefill);
            results.row("1 stream, 1 adapter, context " + CONTEXT, Figure.of("step", 1000 / far, "ms"));
            if (goals) {
                results.goal(Goal.atMost(loaded, 10))
                        .goal(Goal.atMost(host, 2))
                        .goal(Goal.atMost(step, 7.5))
                        .goal(Goal.atMost(prefill, 32));
            }
        }
        many(model, device, dtype, kernels, lora, tokens, 32, 8, results)
                .filter(_ -> goals)
                .ifPresent(decode -> results.goal(Goal.atLeast(decode, 4000)));
        many(model, device, dtype, kernels, lora, tokens, 64, 16, results);
    }

    /** Streams of which each has one of several adapters: tokens a second. */
    private static Optional<Figure> many(
            Path model,
            Device device,
            DType dtype,
            Kernels kernels,
            LoraConfig lora,
            int tokens,
            int streams,
            int adapters,
            Results results) {
        long begun = System.nanoTime();
        try (var engine = InferenceEngine.start(
                options(model, device, dtype, streams, adapters, lora.r(), 512).with(kernels))) {
            results.row(
                    "start and warm-up for " + streams + " streams",
                    Figure.of("start", (System.nanoTime() - begun) / 1e9, "s"));
            List<String> names =
                    IntStream.range(0, adapters).mapToObj(i -> "a" + i).toList();
            for (int i = 0; i < names.size(); i++) {
                engine.activate(names.get(i), "1", RandomModel.adapter(lora, engine.config(), i), Optional.empty())
                        .join();
            }
            results.row("first answer of all, warmed up", firstAnswer(engine, "a0", tokens));
            double base = tokensPerSecond(engine, QUESTION, streams, List.of(), tokens);
            var decode = Figure.of("decode", tokensPerSecond(engine, QUESTION, streams, names, tokens), "tokens/s");
            results.row(streams + " streams, base", Figure.of("decode", base, "tokens/s"));
            results.row(
                    streams + " streams, " + adapters + " adapters",
                    Figure.of("step", 1000.0 * streams / decode.value(), "ms"),
                    decode);
            return Optional.of(decode);
        }
    }

    static InferenceOptions options(
            Path model, Device device, DType dtype, int streams, int adapters, int rank, int warmUp) {
        var batching = new Batching(streams, MODEL_LENGTH, 2048, 256, Duration.ofMinutes(10), 0, 1, warmUp);
        return new InferenceOptions(model, device, dtype, batching, new Loras(adapters, adapters, rank));
    }

    /** What the first request pays: until its first token, and between two of its tokens. */
    private static Figure[] firstAnswer(InferenceEngine engine, String adapter, int tokens) {
        long begun = System.nanoTime();
        Answers answer = Answers.ask(engine, QUESTION, Optional.of(adapter), tokens);
        double first = (answer.first.join() - begun) / 1e6;
        answer.join();
        return new Figure[] {
            Figure.of("first token", first, "ms"),
            Figure.of("longest gap", answer.longestGap(begun, Long.MAX_VALUE) / 1e6, "ms")
        };
    }

    /** Over the time in which all streams decode; the best of some rounds after one that warms up. */
    private static double tokensPerSecond(
            InferenceEngine engine, String prompt, int streams, List<String> adapters, int tokens) {
        double best = 0;
        List<Integer> alone = List.of();
        for (int round = 0; round <= ROUNDS; round++) {
            List<Answers> answers = new ArrayList<>();
            for (int s = 0; s < streams; s++) {
                Optional<String> adapter =
                        adapters.isEmpty() ? Optional.empty() : Optional.of(adapters.get(s % adapters.size()));
                answers.add(Answers.ask(engine, prompt, adapter, tokens));
            }
            answers.forEach(Answers::join);
            if (streams == 1) {
                // the first round's steps ran as they are, the last one's as graphs
                List<Integer> said = answers.getFirst().join().tokens();
                if (round > 0 && !said.equals(alone)) {
                    throw new EngineException("round " + round + " says other tokens than the one before: " + said
                            + " instead of " + alone);
                }
                alone = said;
            }
            long from =
                    answers.stream().mapToLong(a -> a.arrivals.getFirst()).max().orElseThrow();
            long to =
                    answers.stream().mapToLong(a -> a.arrivals.getLast()).min().orElseThrow();
            if (to <= from) {
                throw new EngineException("the streams did not run at the same time; take more tokens an answer");
            }
            long counted = answers.stream()
                    .mapToLong(a ->
                            a.arrivals.stream().filter(t -> t > from && t <= to).count())
                    .sum();
            if (round > 0) {
                best = Math.max(best, counted * 1e9 / (to - from));
            }
        }
        return best;
    }

    /** From the request to its first token, in milliseconds, the median; each prompt is new to the engine. */
    private static double firstToken(InferenceEngine engine, int promptTokens) {
        List<Double> times = new ArrayList<>();
        for (int round = 0; round < 9; round++) {
            String prompt = prompt(engine, (char) ('a' + round), promptTokens);
            long begun = System.nanoTime();
            Answers answer = Answers.ask(engine, prompt, Optional.of("a"), 2);
            times.add((answer.first.join() - begun) / 1e6);
            answer.join();
        }
        return times.stream().sorted().toList().get(times.size() / 2);
    }

    /** One of so many tokens, the chat template's among them. */
    private static String prompt(InferenceEngine engine, char first, int tokens) {
        int frame = engine.tokenizer().chatTemplate().encodePrompt(List.of(ChatMessage.user("a"))).length - 1;
        // a byte is a token
        return first + "x".repeat(tokens - frame - 1);
    }
}
