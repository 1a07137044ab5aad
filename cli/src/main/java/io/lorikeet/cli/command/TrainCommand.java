package io.lorikeet.cli.command;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.GatewayClient.Submitted;
import io.lorikeet.cli.terminal.Terminal;
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

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Parameters(paramLabel = "JOB.json", description = "The training command, one JSON document.")
    private Path job;

    @Option(names = "--job-id", paramLabel = "ID", description = "Instead of the file's job id.")
    private String jobId;

    @Option(
            names = "--dry-run",
            description = "Have a trainer read the data where it would train, and train nothing."
                    + " `validate` does so on this machine.")
    private boolean dryRun;

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
        if (dryRun) {
            file.withDryRun();
        }
        Submitted job = client.submit(gateway.dataRoot().map(file::forStack).orElseGet(file::forGateway));
        if (job.note() != null) {
            terminal.note("Job " + job.jobId() + ": " + job.note() + ".");
        }
        if (detach) {
            terminal.out().println(job.jobId());
            return 0;
        }
        var followed = new FollowedJob(gateway, client, terminal);
        return job.trainedBefore() ? followed.result(job.jobId()) : followed.follow(job.jobId());
    }
}
