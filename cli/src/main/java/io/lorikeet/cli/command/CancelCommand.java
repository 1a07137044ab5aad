package io.lorikeet.cli.command;

import io.lorikeet.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cancel}: stops a job. */
@Command(name = "cancel", description = "Asks for a training job to be stopped; its last checkpoint stays.")
public final class CancelCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Parameters(paramLabel = "JOB_ID")
    private String jobId;

    @Override
    public Integer call() {
        gateway.client().cancel(jobId);
        Terminal.current().out().println("Asked for job " + jobId + " to be cancelled.");
        return 0;
    }
}
