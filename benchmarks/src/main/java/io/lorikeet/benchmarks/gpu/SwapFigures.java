package io.lorikeet.benchmarks.gpu;

import io.lorikeet.benchmarks.model.RandomModel;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.program.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A new version of an adapter under a load of 31 running answers, with a place free for who asks the new one. */
final class SwapFigures {
    private static final int STREAMS = 32;
    private static final int SWAPS = 5;
    private static final int ANSWER = 512;
    private static final int WARM_UP = 1024;

    private SwapFigures() {}

    static void measure(
            Path model, Device device, DType dtype, Kernels kernels, LoraConfig lora, boolean goals, Results results) {
        try (var engine =
                InferenceEngine.start(ServingFigures.options(model, device, dtype, STREAMS, 8, lora.r(), WARM_UP)
                        .with(kernels))) {
            engine.activate("a", "0", RandomModel.adapter(lora, engine.config(), 0), Optional.empty())
                    .join();
            load(engine, ANSWER).forEach(Answers::join);
            double slowest = 0;
            double loading = 0;
            double asking = 0;
            for (int swap = 1; swap <= SWAPS; swap++) {
                PeftAdapter next = RandomModel.adapter(lora, engine.config(), swap);
                List<Answers> running = load(engine, ANSWER);
                running.forEach(answer -> answer.flowing.join());
                long begun = System.nanoTime();
                engine.activate("a", Integer.toString(swap), next, Optional.empty())
                        .join();
                long loaded = System.nanoTime();
                Answers asked = Answers.ask(engine, ServingFigures.QUESTION, Optional.of("a"), 2);
                double firstToken = (asked.first.join() - begun) / 1e6;
                running.forEach(Answers::join);
                double gapLoading = longestGap(running, begun, loaded);
                double gapAsking = longestGap(running, loaded, Long.MAX_VALUE);
                System.out.printf(
                        "swap %d: loaded after %.1f ms, first token %.1f ms, longest gap %.1f then %.1f ms%n",
                        swap, (loaded - begun) / 1e6, firstToken, gapLoading, gapAsking);
                slowest = Math.max(slowest, firstToken);
                loading = Math.max(loading, gapLoading);
                asking = Math.max(asking, gapAsking);
            }
            var first = Figure.of("new version's first token", slowest, "ms");
            var longest = Figure.of("longest gap of the others", Math.max(loading, asking), "ms");
            var whileLoading = Figure.of("of these while it loads", loading, "ms");
            results.row("swap under 31 streams, worst of " + SWAPS, first, longest, whileLoading);
            if (goals) {
                results.goal(Goal.atMost(first, 300)).goal(Goal.atMost(longest, 30));
            }
        }
    }

    private static double longestGap(List<Answers> answers, long from, long to) {
        return answers.stream().mapToLong(a -> a.longestGap(from, to)).max().orElse(0) / 1e6;
    }

    private static List<Answers> load(InferenceEngine engine, int tokens) {
        List<Answers> answers = new ArrayList<>();
        for (int s = 0; s < STREAMS - 1; s++) {
            answers.add(Answers.ask(engine, ServingFigures.QUESTION, Optional.of("a"), tokens));
        }
        return answers;
    }
}
