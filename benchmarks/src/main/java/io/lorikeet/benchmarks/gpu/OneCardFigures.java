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
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.engine.sharing.Sharing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A replica and a trainer, two processes, on one device: the memory that both have in use, what the one's end costs the other, and how
 * they divide the device's time. The trainer is the one that loads the base, and is ended by force.
 */
final class OneCardFigures {
    private static final int STREAMS = 8;
    private static final int ADAPTERS = 4;
    private static final int CONTEXT = 2048;
    private static final int ANSWER = 448;
    /** Over a quantised base, whose steps take ten times as long. */
    private static final int SHORT_ANSWER = 64;

    private static final double GIB = 1L << 30;
    private static final Duration WINDOW = Duration.ofSeconds(12);

    private final Device device;
    private final Results results;

    private final Quantization quantization;

    private OneCardFigures(Device device, Quantization quantization, Results results) {
        this.device = device;
        this.quantization = quantization;
        this.results = results;
    }

    static void measure(
            Path model,
            Device device,
            DType dtype,
            Quantization quantization,
            LoraConfig lora,
            int row,
            double share,
            boolean goals,
            Results results) {
        try {
            Path directory = Files.createTempDirectory("one-card");
            new OneCardFigures(device, quantization, results)
                    .measure(model, dtype, lora, row, new Sharing(Optional.of(directory), share), goals);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void measure(Path model, DType dtype, LoraConfig lora, int row, Sharing sharing, boolean goals)
            throws IOException {
        double before = used();
        var first = new OneCardTrainer.Child(model, device, quantization, lora, row, sharing);
        first.awaitSteps(2);
        results.row(
                "trainer loads",
                Figure.of("ready", first.readySeconds(), "s"),
                Figure.of("memory in use", used() - before, "GiB"));
        long begun = System.nanoTime();
        var batching = new Batching(STREAMS, CONTEXT, 256, 256, Duration.ofMinutes(10), 8, 512, 1024);
        var options = new InferenceOptions(model, device, dtype, batching, new Loras(ADAPTERS, ADAPTERS, lora.r()))
                .with(quantization)
                .with(sharing);
        try (var engine = InferenceEngine.start(options)) {
            double started = (System.nanoTime() - begun) / 1e9;
            List<String> adapters =
                    IntStream.range(0, ADAPTERS).mapToObj(i -> "a" + i).toList();
            for (int i = 0; i < ADAPTERS; i++) {
                engine.activate(adapters.get(i), "1", RandomModel.adapter(lora, engine.config(), i), Optional.empty())
                        .join();
            }
            List<Integer> expected = said(engine);
            results.row(
                    "replica maps",
                    Figure.of("ready", started, "s"),
                    Figure.of("memory of both", used() - before, "GiB"));
            first.kill();
            if (!said(engine).equals(expected)) {
                throw new EngineException(
                        "the replica says something else since the process that loaded the base was killed");
            }
            results.row("trainer killed", Figure.of("memory in use", used() - before, "GiB"));
            gaps(engine, adapters, Duration.ofSeconds(2));
            Gaps alone = gaps(engine, adapters, WINDOW.dividedBy(2));
            alone.report("8 streams, no training", results);
            try (var second = new OneCardTrainer.Child(model, device, quantization, lora, row, sharing)) {
                second.awaitSteps(2);
                results.row("trainer maps", Figure.of("ready", second.readySeconds(), "s"));
                double trainedAlone = second.tokensPerSecond(Duration.ofSeconds(4));
                results.row("training alone", Figure.of("training", trainedAlone, "tokens/s"));
                gaps(engine, adapters, Duration.ofSeconds(2));
                second.forget();
                Gaps together = gaps(engine, adapters, WINDOW);
                double trained = second.tokensPerSecondSoFar();
                together.report("8 streams beside training", results);
                var memory = Figure.of("memory of both", used() - before, "GiB");
                var slower = Figure.of("p99 ÷ alone", together.percentile(0.99) / alone.percentile(0.99), "");
                var kept = Figure.of("training ÷ alone", trained / trainedAlone, "");
                results.row("one card", memory, slower, kept, Figure.of("training", trained, "tokens/s"));
                second.forget();
                results.row(
                        "training, requests over",
                        Figure.of("training", second.tokensPerSecond(Duration.ofSeconds(3)), "tokens/s"));
                if (goals) {
                    results.goal(Goal.atMost(
                                    memory,
                                    quantization.bitsPerWeight() > 0 && quantization.bitsPerWeight() < 8 ? 12 : 22))
                            .goal(Goal.atMost(slower, 1.8))
                            .goal(Goal.atLeast(kept, 0.4));
                }
            }
        } finally {
            first.close();
        }
    }

    private double used() {
        return DeviceMemory.of(device).map(DeviceMemory::used).orElse(0L) / GIB;
    }

    private static List<Integer> said(InferenceEngine engine) {
        return Answers.ask(engine, ServingFigures.QUESTION, Optional.of("a0"), 32)
                .join()
                .tokens();
    }

    /** Times between two tokens of an answer, in milliseconds. */
    private record Gaps(List<Double> sorted) {
        double percentile(double p) {
            return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(p * sorted.size())));
        }

        void report(String name, Results results) {
            results.row(
                    name,
                    Figure.of("median between tokens", percentile(0.5), "ms"),
                    Figure.of("p99", percentile(0.99), "ms"),
                    Figure.of("longest", sorted.getLast(), "ms"));
        }
    }

    /** All streams answer without a pause. */
    private Gaps gaps(InferenceEngine engine, List<String> adapters, Duration window) {
        int answer = quantization == Quantization.NONE ? ANSWER : SHORT_ANSWER;
        List<Double> gaps = new ArrayList<>();
        long end = System.nanoTime() + window.toNanos();
        while (System.nanoTime() < end) {
            List<Answers> answers = new ArrayList<>();
            for (int s = 0; s < STREAMS; s++) {
                answers.add(Answers.ask(
                        engine, ServingFigures.QUESTION, Optional.of(adapters.get(s % adapters.size())), answer));
            }
            answers.forEach(Answers::join);
            long from =
                    answers.stream().mapToLong(a -> a.arrivals.getFirst()).max().orElseThrow();
            for (Answers said : answers) {
                for (int i = 1; i < said.arrivals.size(); i++) {
                    if (said.arrivals.get(i - 1) >= from) {
                        gaps.add((said.arrivals.get(i) - said.arrivals.get(i - 1)) / 1e6);
                    }
                }
            }
        }
        return new Gaps(gaps.stream().sorted().toList());
    }
}
