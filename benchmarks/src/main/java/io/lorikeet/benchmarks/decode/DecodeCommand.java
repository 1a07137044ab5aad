package io.lorikeet.benchmarks.decode;

import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.ProcessMemory;
import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.grammar.Grammar;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.model.Speculation;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.sharing.Sharing;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code decode}: tokens a second of the engine, in this process. */
@Command(
        name = "decode",
        description = "Measures decoding: tokens a second of the engine, with and without adapters.",
        mixinStandardHelpOptions = true)
public final class DecodeCommand implements Callable<Integer> {
    static final String PROMPT = "The quick brown fox jumps over the lazy dog, and then?";

    @Option(names = "--model", required = true, description = "a model's folder; `bench model` writes one")
    private Path model;

    @Option(names = "--device", defaultValue = "cpu", description = "cpu or cuda:N (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(
            names = "--dtype",
            defaultValue = "float32",
            description = "float32 or bfloat16 (default: ${DEFAULT-VALUE})")
    private String dtype;

    @Option(
            names = "--quantization",
            defaultValue = "none",
            description = "of the weights: none, int8, fp8, int4, int4-g128 or nf4 (default: ${DEFAULT-VALUE})")
    private String quantization;

    @Option(
            names = "--kernels",
            defaultValue = "auto",
            description = "auto or off: kernels of our own for decode steps on a GPU (default: ${DEFAULT-VALUE})")
    private String kernels;

    @Option(
            names = "--speculation",
            defaultValue = "off",
            description =
                    "off or auto: drafts, which a model of random weights has no use for; `bench speculation` measures"
                            + " them (default: ${DEFAULT-VALUE})")
    private String speculation;

    @Option(names = "--streams", defaultValue = "1,8", split = ",", description = "at once (default: ${DEFAULT-VALUE})")
    private int[] streams;

    @Option(
            names = "--adapters",
            defaultValue = "0,8",
            split = ",",
            description = "different ones, 0 for the base model alone (default: ${DEFAULT-VALUE})")
    private int[] adapters;

    @Option(names = "--rank", defaultValue = "8", description = "of the adapters (default: ${DEFAULT-VALUE})")
    private int rank;

    @Option(names = "--dora", description = "adapters with DoRA's magnitudes")
    private boolean dora;

    @Option(names = "--tokens", defaultValue = "64", description = "a stream (default: ${DEFAULT-VALUE})")
    private int tokens;

    @Option(names = "--rounds", defaultValue = "3", description = "the best counts (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--constrained",
            description = "also streams that are drawn, and the same as documents of a JSON Schema")
    private boolean constrained;

    @Option(
            names = "--prefill",
            defaultValue = "0",
            description = "also the first token of one stream after a prompt of so many tokens (default: none)")
    private int prefill;

    @Option(
            names = "--peer",
            paramLabel = "FILE",
            description = "figures of llama.cpp at the same work (benchmarks/peers), to say how these stand to them")
    private Optional<Path> peer = Optional.empty();

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() {
        var results = new Results("decode")
                .setting("model", model.getFileName())
                .setting("device", device)
                .setting("dtype", dtype)
                .setting("quantization", quantization)
                .setting("kernels", kernels)
                .setting("speculation", speculation)
                .setting("rank", rank)
                .setting("dora", dora)
                .setting("tokens a stream", tokens);
        var lora = new LoraConfig(rank, 2.0 * rank, 0, LoraConfig.allLinear(), false);
        LoraConfig config = dora ? lora.withDora() : lora;
        try (var engine = InferenceEngine.start(options())) {
            var decode = new EngineDecode(engine);
            decode.activate(max(adapters), config);
            for (int n : streams) {
                for (int a : adapters) {
                    results.row(
                            n + " streams, " + (a == 0 ? "base" : Math.min(n, a) + " adapters"),
                            Figure.of("decode", best(decode, n, a, _ -> SamplingParams.greedy(tokens)), "tokens/s"));
                }
                if (constrained) {
                    IntFunction<SamplingParams> drawn = i -> SamplingParams.drawn(1, tokens, OptionalLong.of(i));
                    Grammar grammar = DocumentSchema.grammar();
                    results.row(n + " streams, drawn", Figure.of("decode", best(decode, n, 0, drawn), "tokens/s"));
                    results.row(
                            n + " streams, drawn, of a schema",
                            Figure.of(
                                    "decode",
                                    best(decode, n, 0, i -> drawn.apply(i).constrained(grammar)),
                                    "tokens/s"));
                }
            }
            if (prefill > 0) {
                for (int a : adapters) {
                    results.row(
                            "prompt of " + prefill + ", " + (a == 0 ? "base" : "1 adapter"),
                            Figure.of("prefill", decode.prefill(prefill, a, rounds), "tokens/s"));
                }
            }
            var memory = ProcessMemory.current();
            results.row("process", Figure.memory("resident", memory.resident()), Figure.memory("peak", memory.peak()));
        }
        peer.map(PeerFigures::read)
                .ifPresent(figures -> figures.compare(results, Quantization.of(quantization), prefill));
        return report.report(results);
    }

    /** The first round warms up and does not count. */
    private double best(EngineDecode decode, int streams, int adapters, IntFunction<SamplingParams> sampling) {
        double best = 0;
        decode.run(streams, adapters, tokens, PROMPT, sampling);
        for (int round = 0; round < rounds; round++) {
            best = Math.max(
                    best,
                    decode.run(streams, adapters, tokens, PROMPT, sampling).tokensPerSecond());
        }
        return best;
    }

    private InferenceOptions options() {
        DType type = DType.ofTorchName(dtype)
                .orElseThrow(() -> new EngineException("dtype: expected float32 or bfloat16, found '" + dtype + "'"));
        int loras = Math.max(1, max(adapters));
        return new InferenceOptions(
                model,
                Device.of(device),
                type,
                Batching.of(max(streams), Math.max(512, prefill + 64)),
                new Loras(loras, loras, rank),
                Quantization.of(quantization),
                Kernels.of(kernels),
                Speculation.of(speculation),
                Sharing.OFF);
    }

    private static int max(int[] numbers) {
        return Arrays.stream(numbers).max().orElseThrow();
    }
}
