package io.lorikeet.benchmarks.decode;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.ProcessMemory;
import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.benchmarks.report.Results;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code llama-cpp}: the same measurement on llama.cpp, in this process. */
@Command(
        name = "llama-cpp",
        description = "Measures decoding by llama.cpp (java-llama.cpp), for comparison with `decode`.",
        mixinStandardHelpOptions = true)
public final class LlamaCppCommand implements Callable<Integer> {
    private static final int CONTEXT = 512;

    @Option(names = "--gguf", required = true, description = "a model's file; `bench model --gguf` writes one")
    private Path gguf;

    @Option(names = "--lora", description = "an adapter's file, which applies to every stream")
    private Optional<Path> lora = Optional.empty();

    @Option(names = "--streams", defaultValue = "1,8", split = ",", description = "at once (default: ${DEFAULT-VALUE})")
    private int[] streams;

    @Option(names = "--threads", defaultValue = "2", description = "(default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--tokens", defaultValue = "64", description = "a stream (default: ${DEFAULT-VALUE})")
    private int tokens;

    @Option(names = "--rounds", defaultValue = "3", description = "the best counts (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws ExecutionException, InterruptedException {
        var results = new Results("llama-cpp")
                .setting("model", gguf.getFileName())
                .setting(
                        "adapter",
                        lora.map(Path::getFileName).map(Path::toString).orElse("none"))
                .setting("threads", threads)
                .setting("tokens a stream", tokens);
        for (int n : streams) {
            // its cache is divided among as many slots as it is told to have
            try (var model = new LlamaModel(parameters(n))) {
                run(model, n);
                double best = 0;
                for (int round = 0; round < rounds; round++) {
                    best = Math.max(best, run(model, n).tokensPerSecond());
                }
                results.row(
                        n + " streams, " + (lora.isEmpty() ? "base" : "1 adapter"),
                        Figure.of("decode", best, "tokens/s"));
            }
        }
        var memory = ProcessMemory.current();
        results.row("process", Figure.memory("resident", memory.resident()), Figure.memory("peak", memory.peak()));
        return report.report(results);
    }

    private ModelParameters parameters(int slots) {
        var parameters = new ModelParameters()
                .setModel(gguf.toString())
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setCtxSize(CONTEXT * slots)
                .setParallel(slots)
                .enableContBatching()
                .disableLog();
        lora.ifPresent(file -> parameters.addLoraAdapter(file.toString()));
        return parameters;
    }

    private TokenClock run(LlamaModel model, int n) throws ExecutionException, InterruptedException {
        var clock = new TokenClock(n);
        try (var pool = Executors.newFixedThreadPool(n)) {
            List<Future<?>> running = new ArrayList<>();
            for (int stream = 0; stream < n; stream++) {
                int number = stream;
                running.add(pool.submit(() -> {
                    for (LlamaOutput output : model.generate(question())) {
                        if (!output.text.isEmpty()) {
                            clock.token(number);
                        }
                    }
                }));
            }
            for (Future<?> stream : running) {
                stream.get();
            }
        }
        long expected = (long) n * tokens;
        if (clock.tokens() < expected * 9 / 10) {
            throw new IllegalStateException("expected about " + expected + " tokens, found " + clock.tokens());
        }
        return clock;
    }

    private InferenceParameters question() {
        return new InferenceParameters(
                        "<|im_start|>user\n" + DecodeCommand.PROMPT + "<|im_end|>\n<|im_start|>assistant\n")
                .setTemperature(0)
                .setNPredict(tokens)
                .setIgnoreEos(true)
                .setCachePrompt(false);
    }
}
