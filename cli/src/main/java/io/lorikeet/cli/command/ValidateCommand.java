package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.terminal.DryRunView;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code validate}: what a job would do, without a stack, without training. */
@Command(
        name = "validate",
        description = {
            "Reads a job's data and says what training it would do.",
            "Rows kept and dropped, lengths, steps, memory, and answers in the data that its acceptance questions forbid.",
            "Trains nothing, and needs no running stack; `train --dry-run` asks a trainer instead."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:it would train",
            "1:it would not",
            "3:it would train, and the data teaches what the acceptance questions forbid"
        })
public final class ValidateCommand implements Callable<Integer> {

    private static final String MAIN = "io.lorikeet.trainer.tools.ValidateMain";
    private static final int FORBIDDEN = 3;

    @Mixin
    HelpOption help;

    @Parameters(paramLabel = "JOB.json", description = "The training command, one JSON document.")
    private Path job;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Base model if the job names none (default: models/fledgling).")
    private Path model;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "cpu, cuda:N, or several with commas (default: ${DEFAULT-VALUE}).")
    private String device = "cpu";

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Terminal terminal = Terminal.current();
        ProjectHome home = ProjectHome.current();
        byte[] command = JobFile.read(job).forTool();
        Process process = TrainerTool.process(
                        MAIN,
                        List.of(
                                "--model",
                                (model == null ? home.defaultModel() : model).toString(),
                                "--models-root",
                                home.models().toString(),
                                "--data",
                                home.root().toString(),
                                "--device",
                                device))
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(command);
        }
        // the report is the last line; libraries may have said something before
        String report = process.inputReader(StandardCharsets.UTF_8).lines().reduce("", (_, line) -> line);
        int exit = process.waitFor();
        if (exit != 0) {
            return exit;
        }
        DryRunReport read = Json.read(report.getBytes(StandardCharsets.UTF_8), DryRunReport.class);
        if (json) {
            terminal.out().println(report);
        } else {
            DryRunView.show(read, terminal);
        }
        return read.forbiddenWords().isEmpty() ? 0 : FORBIDDEN;
    }
}
