package io.lorikeet.benchmarks.chaos;

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

/** {@code chaos}: the whole system while it is broken again and again. */
@Command(
        name = "chaos",
        description =
                "Runs broker, two trainers, two replicas of inference and two gateways at half load, breaks one thing"
                        + " after the other, and checks that no job and no version was lost and no answer was wrong.",
        mixinStandardHelpOptions = true)
public final class ChaosCommand implements Callable<Integer> {
    /** A broker that is away for so long has lost its clients' sessions and requests. */
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(40);

    @Option(names = "--model", description = "the base model's folder (default: models/fledgling)")
    private Path model;

    @Option(names = "--minutes", defaultValue = "20", description = "(default: ${DEFAULT-VALUE})")
    private double minutes;

    @Option(
            names = "--every",
            defaultValue = "60",
            paramLabel = "SECONDS",
            description = "from one fault to the next (default: ${DEFAULT-VALUE})")
    private double every;

    @Option(names = "--clients", defaultValue = "6", description = "that ask (default: ${DEFAULT-VALUE})")
    private int clients;

    @Mixin
    private ReportOptions report;

    @Override
    public Integer call() throws IOException {
        Path base = model == null ? ProjectHome.current().defaultModel() : model;
        Path state = Files.createTempDirectory("lorikeet-chaos");
        System.out.println("logs and all that the stack writes: " + state);
        Duration period = Duration.ofMillis((long) (every * 1000));
        Duration hold = period.multipliedBy(2).dividedBy(3);
        return report.report(Chaos.run(new ChaosOptions(
                base,
                state,
                Duration.ofMillis((long) (minutes * 60_000)),
                period,
                hold.compareTo(LONGEST_HOLD) < 0 ? hold : LONGEST_HOLD,
                clients)));
    }
}
