package io.lorikeet.cli;

import io.lorikeet.cli.command.AdaptersCommand;
import io.lorikeet.cli.command.AskCommand;
import io.lorikeet.cli.command.CancelCommand;
import io.lorikeet.cli.command.ChatCommand;
import io.lorikeet.cli.command.CompareCommand;
import io.lorikeet.cli.command.CompletionCommand;
import io.lorikeet.cli.command.ConformanceCommand;
import io.lorikeet.cli.command.DemoCommand;
import io.lorikeet.cli.command.DownCommand;
import io.lorikeet.cli.command.EvaluateCommand;
import io.lorikeet.cli.command.JobCommand;
import io.lorikeet.cli.command.JobsCommand;
import io.lorikeet.cli.command.KeysCommand;
import io.lorikeet.cli.command.LogsCommand;
import io.lorikeet.cli.command.MergeCommand;
import io.lorikeet.cli.command.ModelsCommand;
import io.lorikeet.cli.command.PruneCommand;
import io.lorikeet.cli.command.StatusCommand;
import io.lorikeet.cli.command.TopicsCommand;
import io.lorikeet.cli.command.TrainCommand;
import io.lorikeet.cli.command.UpCommand;
import io.lorikeet.cli.command.ValidateCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;

/** The root of {@code ./lorikeet}. */
@Command(
        name = "./lorikeet",
        description = "Fine-tunes a language model with LoRA and serves it, on the JVM and Kafka.",
        mixinStandardHelpOptions = true,
        versionProvider = Lorikeet.Version.class,
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            LogsCommand.class,
            AskCommand.class,
            ChatCommand.class,
            CompareCommand.class,
            EvaluateCommand.class,
            TrainCommand.class,
            ValidateCommand.class,
            JobsCommand.class,
            JobCommand.class,
            CancelCommand.class,
            AdaptersCommand.class,
            KeysCommand.class,
            PruneCommand.class,
            MergeCommand.class,
            ModelsCommand.class,
            TopicsCommand.class,
            ConformanceCommand.class,
            CompletionCommand.class
        })
public final class Lorikeet {

    private static final int FAILED = 1;
    private static final int HELP_WIDTH = 80;

    /** Runs one command and ends with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The commands, as the launcher runs them. */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Lorikeet());
        commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        commandLine.setColorScheme(
                CommandLine.Help.defaultColorScheme(Boolean.getBoolean("lorikeet.tty.out") ? Ansi.ON : Ansi.OFF));
        commandLine.setUsageHelpWidth(HELP_WIDTH);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setExecutionExceptionHandler((e, command, _) -> {
            if (e instanceof CliException) {
                command.getErr().println("lorikeet: " + e.getMessage());
            } else {
                e.printStackTrace(command.getErr());
            }
            return FAILED;
        });
        return commandLine;
    }

    /** The jar's own. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Lorikeet.class.getPackage().getImplementationVersion();
            return new String[] {"Lorikeet " + (version == null ? "(not packaged)" : version)};
        }
    }
}
