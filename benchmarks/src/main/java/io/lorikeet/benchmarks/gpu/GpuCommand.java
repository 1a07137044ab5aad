package io.lorikeet.benchmarks.gpu;

import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code gpu}: what the engine does on one device, as its users see it: from the request to the token, from the window to
 * the updated adapter. {@code peers/transformers_peft.py} measures the same of transformers and PEFT.
 */
@Command(
        name = "gpu",
        description = "Measures the engine on one GPU; bounds are for Qwen2.5-7B's geometry on an H100.",
        mixinStandardHelpOptions = true)
public final class GpuCommand implements Callable<Integer> {
    enum Part {
        SERVING,
        SWAP,
        TRAINING,
        /** A trainer and a replica together; not among those by default, for it needs a second process. */
        ONE_CARD
    }

    @Option(names = "--model", required = true, description = "a model's folder; `bench model` writes one")
    private Path model;

    @Option(
            names = "--device",
            defaultValue = "cuda:0",
            description = "cuda:N or cpu; for training also several with commas (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(
            names = "--part",
            split = ",",
            description = "of ${COMPLETION-CANDIDATES}; by default all but one_card, a trainer and a replica together")
    private Set<Part> parts = EnumSet.complementOf(EnumSet.of(Part.ONE_CARD));

    @Option(
            names = "--device-share",
            defaultValue = "0.45",
            description = "what training may take of a card's time beside a replica (default: ${DEFAULT-VALUE})")
    private double deviceShare;

    @Option(
            names = "--quantization",
            defaultValue = "none",
            description = "of the base that a trainer and a replica share (default: ${DEFAULT-VALUE})")
    private String quantization;

    @Option(names = "--goals", negatable = true, description = "judge by the bounds for that geometry on an H100")
    private boolean goals;

    @Option(names = "--tokens", defaultValue = "128", description = "of an answer (default: ${DEFAULT-VALUE})")
    private int tokens;

    @Option(
            names = "--prompt",
            defaultValue = "1024",
            description = "tokens of the prefill (default: ${DEFAULT-VALUE})")
    private int prompt;

    @Option(names = "--row", defaultValue = "2048", description = "tokens of a long row (default: ${DEFAULT-VALUE})")
    private int row;

    @Option(names = "--rank", defaultValue = "8", description = "of the adapters (default: ${DEFAULT-VALUE})")
    private int rank;

    @Option(names = "--dora", description = "adapters with DoRA's magnitudes, in serving, swaps and training")
    private boolean dora;

    @Option(
            names = "--kernels",
            defaultValue = "auto",
            description = "auto or off: kernels of our own for decode steps (default: ${DEFAULT-VALUE})")
    private String kernels;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() {
        var results = new Results("gpu")
                .setting("model", model.getFileName())
                .setting("device", device)
                .setting("rank", rank)
                .setting("dora", dora)
                .setting("kernels", kernels)
                .setting("quantization", quantization)
                .setting("tokens of an answer", tokens);
        List<Device> devices = Device.several(device);
        Device on = devices.getFirst();
        DType dtype = on.dtype();
        var plain = new LoraConfig(rank, 4.0 * rank, 0, LoraConfig.allLinear(), false);
        LoraConfig lora = dora ? plain.withDora() : plain;
        if (parts.contains(Part.SERVING)) {
            ServingFigures.measure(model, on, dtype, Kernels.of(kernels), lora, tokens, prompt, goals, results);
        }
        if (parts.contains(Part.SWAP)) {
            SwapFigures.measure(model, on, dtype, Kernels.of(kernels), lora, goals, results);
        }
        if (parts.contains(Part.TRAINING)) {
            TrainingFigures.measure(model, devices, dtype, lora, row, goals, results);
        }
        if (parts.contains(Part.ONE_CARD)) {
            OneCardFigures.measure(
                    model, on, dtype, Quantization.of(quantization), lora, row, deviceShare, goals, results);
        }
        return report.report(results);
    }
}
