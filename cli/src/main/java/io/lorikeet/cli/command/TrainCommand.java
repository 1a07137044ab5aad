package io.lorikeet.cli.command;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.cli.terminal.TrainingView;
import io.lorikeet.contracts.TrainingEvent;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code train}: hands a job in and follows it. */
@Command(
        name = "train",
        description = "Publishes a training command and follows the job to its end.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:trained, or a dry run that found nothing wrong",
            "1:failed, or it could not be handed in",
            "3:trained, but its acceptance questions did not pass, so it is not served; or the data of a dry run teaches "
                    + "what they forbid",
            "4:cancelled"
        })
public final class TrainCommand implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int REJECTED = 3;
    private static final int CANCELLED = 4;

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Parameters(paramLabel = "JOB.json", description = "The training command, one JSON document.")
    private Path job;

    @Option(names = "--job-id", paramLabel = "ID", description = "Instead of the file's job id.")
    private String jobId;

    @Option(
            names = {"-d", "--detach"},
            description = "Hand it in, print its id, and leave.")
    private boolean detach;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        GatewayClient client = gateway.client();
        JobFile file = JobFile.read(job);
        if (jobId != null) {
            file.withJobId(jobId);
        }
        String id = client.submit(gateway.dataRoot().map(file::forStack).orElseGet(file::forGateway));
        if (detach) {
            terminal.out().println(id);
            return 0;
        }
        try (var view = new TrainingView(terminal)) {
            return exitCode(new JobFollower(client, view::show).follow(id));
        }
    }

    private static int exitCode(TrainingEvent last) {
        return switch (last) {
            case TrainingEvent.Succeeded succeeded when wasRejected(succeeded) -> REJECTED;
            case TrainingEvent.Succeeded _ -> 0;
            case TrainingEvent.Validated dry -> dry.report().forbiddenWords().isEmpty() ? 0 : REJECTED;
            case TrainingEvent.Cancelled _ -> CANCELLED;
            default -> FAILED;
        };
    }

    private static boolean wasRejected(TrainingEvent.Succeeded succeeded) {
        return !succeeded.promoted()
                && succeeded.checkpoint() != null
                && succeeded.checkpoint().acceptance().stream().anyMatch(answer -> !answer.passed());
    }
}
