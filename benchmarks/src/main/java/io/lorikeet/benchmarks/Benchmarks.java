package io.lorikeet.benchmarks;

import io.lorikeet.benchmarks.chaos.ChaosCommand;
import io.lorikeet.benchmarks.decode.DecodeCommand;
import io.lorikeet.benchmarks.decode.LlamaCppCommand;
import io.lorikeet.benchmarks.decode.SpeculationCommand;
import io.lorikeet.benchmarks.gateway.GatewayCommand;
import io.lorikeet.benchmarks.gpu.GpuCommand;
import io.lorikeet.benchmarks.model.ModelCommand;
import io.lorikeet.benchmarks.soak.SoakCommand;
import io.lorikeet.benchmarks.swaps.SwapsCommand;
import io.lorikeet.benchmarks.train.DatasetCommand;
import io.lorikeet.benchmarks.train.PackingCommand;
import io.lorikeet.cli.CliException;
import io.lorikeet.engine.EngineException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The root of {@code ./lorikeet bench}. Exit code 0: measured, goals met; 1: a goal was missed; 2: it did not run. */
@Command(
        name = "./lorikeet bench",
        description = "Measures Lorikeet. benchmarks/README.md says what, benchmarks/RESULTS.md what came out.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ModelCommand.class,
            DecodeCommand.class,
            SpeculationCommand.class,
            LlamaCppCommand.class,
            SwapsCommand.class,
            SoakCommand.class,
            ChaosCommand.class,
            GatewayCommand.class,
            PackingCommand.class,
            DatasetCommand.class,
            GpuCommand.class
        })
public final class Benchmarks {
    private static final int NOT_RUN = 2;
    private static final int HELP_WIDTH = 100;

    private Benchmarks() {}

    /** Runs one benchmark and ends with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new Benchmarks());
        commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        commandLine.setUsageHelpWidth(HELP_WIDTH);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setExecutionExceptionHandler((e, command, _) -> {
            if (e instanceof EngineException || e instanceof CliException) {
                command.getErr().println("lorikeet bench: " + e.getMessage());
            } else {
                e.printStackTrace(command.getErr());
            }
            return NOT_RUN;
        });
        return commandLine;
    }
}
