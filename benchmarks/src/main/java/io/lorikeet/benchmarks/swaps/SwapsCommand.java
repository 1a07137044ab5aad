package io.lorikeet.benchmarks.swaps;

import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.cli.stack.ProjectHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swaps}: the load test of swaps. */
@Command(
        name = "swaps",
        description = "Swaps adapters of a real inference service under closed-loop load, and checks every answer.",
        mixinStandardHelpOptions = true)
public final class SwapsCommand implements Callable<Integer> {
    @Option(names = "--model", description = "the base model's folder (default: models/fledgling)")
    private Path model;

    @Option(names = "--swaps", defaultValue = "1000", description = "in all (default: ${DEFAULT-VALUE})")
    private int swaps;

    @Option(names = "--block", defaultValue = "50", description = "swaps in a row (default: ${DEFAULT-VALUE})")
    private int block;

    @Option(names = "--names", defaultValue = "8", description = "adapter names (default: ${DEFAULT-VALUE})")
    private int names;

    @Option(names = "--numbers", defaultValue = "24", description = "adapters to train (default: ${DEFAULT-VALUE})")
    private int numbers;

    @Option(names = "--clients", defaultValue = "8", description = "in the closed loop (default: ${DEFAULT-VALUE})")
    private int clients;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        Path base = model == null ? ProjectHome.current().defaultModel() : model;
        Path state = Files.createTempDirectory("lorikeet-swaps");
        System.out.println("logs and adapters: " + state);
        return report.report(SwapBench.run(new SwapOptions(base, state, swaps, block, names, numbers, clients)));
    }
}
