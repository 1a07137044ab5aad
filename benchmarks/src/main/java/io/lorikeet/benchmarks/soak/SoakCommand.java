package io.lorikeet.benchmarks.soak;

import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.cli.stack.ProjectHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code soak}: mixed load for as long as one likes. */
@Command(
        name = "soak",
        description = "Runs a real inference service under mixed load, with clients that hang up, swaps, retirements,"
                + " malformed requests and malformed events.",
        mixinStandardHelpOptions = true)
public final class SoakCommand implements Callable<Integer> {
    @Option(names = "--model", description = "the base model's folder (default: models/fledgling)")
    private Path model;

    @Option(names = "--minutes", defaultValue = "20", description = "(default: ${DEFAULT-VALUE})")
    private double minutes;

    @Option(names = "--clients", defaultValue = "6", description = "that wait (default: ${DEFAULT-VALUE})")
    private int clients;

    @Option(names = "--numbers", defaultValue = "16", description = "adapters to train (default: ${DEFAULT-VALUE})")
    private int numbers;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        Path base = model == null ? ProjectHome.current().defaultModel() : model;
        Path state = Files.createTempDirectory("lorikeet-soak");
        System.out.println("logs and adapters: " + state);
        Duration duration =
                Duration.ofMillis((long) (minutes * Duration.ofMinutes(1).toMillis()));
        return report.report(Soak.run(new SoakOptions(base, state, duration, clients, numbers)));
    }
}
