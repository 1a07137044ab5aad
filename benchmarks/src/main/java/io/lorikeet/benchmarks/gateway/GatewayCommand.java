package io.lorikeet.benchmarks.gateway;

import io.lorikeet.benchmarks.report.ReportOptions;
import io.lorikeet.cli.stack.ProjectHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gateway}: what the gateway costs. */
@Command(
        name = "gateway",
        description = {
            "Measures what the gateway adds to the first streamed token, beside nginx as a plain proxy,",
            "and many streams through one gateway of 512 MB."
        },
        mixinStandardHelpOptions = true)
public final class GatewayCommand implements Callable<Integer> {
    @Option(names = "--model", description = "the base model's folder (default: models/fledgling)")
    private Path model;

    @Option(
            names = "--rounds",
            defaultValue = "1500",
            description = "each asks every way once (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--clients", defaultValue = "1", description = "at once (default: ${DEFAULT-VALUE})")
    private int clients;

    @Option(names = "--streams", defaultValue = "1000", description = "at once (default: ${DEFAULT-VALUE})")
    private int streams;

    @Option(
            names = "--peer",
            defaultValue = "nginx",
            description = "the plain proxy's program, or none (default: ${DEFAULT-VALUE})")
    private String peer;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path base = model == null ? ProjectHome.current().defaultModel() : model;
        Path state = Files.createTempDirectory("lorikeet-gateway");
        System.out.println("logs: " + state);
        Optional<Path> proxy = peer.equals("none") ? Optional.empty() : Optional.of(Nginx.find(peer));
        return report.report(GatewayBench.run(new GatewayOptions(base, state, rounds, clients, streams, proxy)));
    }
}
