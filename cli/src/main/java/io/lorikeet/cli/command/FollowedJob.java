package io.lorikeet.cli.command;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.cli.terminal.TrainingView;
import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingEvent.Accepted;
import io.lorikeet.contracts.TrainingEvent.Cancelled;
import io.lorikeet.contracts.TrainingEvent.CheckpointSaved;
import io.lorikeet.contracts.TrainingEvent.Evaluated;
import io.lorikeet.contracts.TrainingEvent.Failed;
import io.lorikeet.contracts.TrainingEvent.Progress;
import io.lorikeet.contracts.TrainingEvent.Queued;
import io.lorikeet.contracts.TrainingEvent.Rejected;
import io.lorikeet.contracts.TrainingEvent.Started;
import io.lorikeet.contracts.TrainingEvent.Succeeded;
import io.lorikeet.contracts.TrainingEvent.Validated;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Shows a job to its end, then what to do next. */
record FollowedJob(GatewayOption gateway, GatewayClient client, Terminal terminal) {

    private static final int FAILED = 1;
    private static final int REJECTED = 3;
    private static final int CANCELLED = 4;
    /** A question that anybody can be asked. */
    private static final String GREETING = "你好";

    /** Follows a job and returns the exit code for how it ended. */
    int follow(String jobId) {
        TrainingEvent last;
        try (var view = new TrainingView(terminal)) {
            last = new JobFollower(client, view::show).follow(jobId);
        }
        if (last instanceof Succeeded succeeded) {
            next(succeeded);
        }
        return exitCode(last);
    }

    /** How a job ended, without the way there, which {@code job} shows. */
    int result(String jobId) {
        TrainingEvent last = new JobFollower(client, _ -> {}).follow(jobId);
        if (last instanceof Succeeded succeeded) {
            next(succeeded);
        }
        terminal.out().println("How it went: " + gateway.hint("job " + jobId));
        return exitCode(last);
    }

    private void next(Succeeded succeeded) {
        if (succeeded.checkpoint() == null) {
            return;
        }
        URI checkpoint = succeeded.checkpoint().uri();
        if ("file".equals(checkpoint.getScheme()) && Files.isDirectory(Path.of(checkpoint))) {
            terminal.out()
                    .println("Curves and log: "
                            + Path.of(checkpoint).toAbsolutePath().getParent());
        }
        if (succeeded.promoted()) {
            String question = succeeded.checkpoint().acceptance().stream()
                    .map(AcceptanceAnswer::question)
                    .filter(asked -> !asked.contains("\"") && !asked.contains("$") && !asked.contains("`"))
                    .findFirst()
                    .orElse(GREETING);
            terminal.out()
                    .println("Ask it: "
                            + gateway.hint("ask --adapter %s \"%s\"".formatted(succeeded.adapter(), question)));
        }
    }

    private static int exitCode(TrainingEvent last) {
        return switch (last) {
            case Succeeded succeeded when wasRejected(succeeded) -> REJECTED;
            case Succeeded _ -> 0;
            case Validated dry -> dry.report().forbiddenWords().isEmpty() ? 0 : REJECTED;
            case Cancelled _ -> CANCELLED;
            case Failed _ -> FAILED;
            case Queued _, Started _, Progress _, CheckpointSaved _, Evaluated _, Accepted _, Rejected _ ->
                throw new IllegalStateException("not the last event of a job: " + last);
        };
    }

    private static boolean wasRejected(Succeeded succeeded) {
        return !succeeded.promoted()
                && succeeded.checkpoint() != null
                && succeeded.checkpoint().acceptance().stream().anyMatch(answer -> !answer.passed());
    }
}
