package io.lorikeet.cli.command;

import io.lorikeet.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code job}: one job from its first event on. */
@Command(
        name = "job",
        description = {
            "Shows a training job from its beginning and follows it to its end.",
            "How far it is, why it failed, what it answered. The exit codes are those of `train`."
        })
public final class JobCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Parameters(paramLabel = "JOB_ID")
    private String jobId;

    @Override
    public Integer call() {
        return new FollowedJob(gateway, gateway.client(), Terminal.current()).follow(jobId);
    }
}
