package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jobs}: the training jobs that the gateway knows. */
@Command(name = "jobs", description = "Lists the training jobs.")
public final class JobsCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        List<JsonNode> jobs = gateway.client().jobs();
        if (jobs.isEmpty()) {
            terminal.out().println("No training jobs yet.");
            return 0;
        }
        Table table = new Table("job", "adapter", "status", "step", "updated");
        for (JsonNode job : jobs) {
            table.row(
                    job.path("job_id").asText(),
                    job.path("adapter").asText(),
                    job.path("status").asText(),
                    job.path("progress").path("global_step").asText("-"),
                    seconds(job.path("updated").asText()));
        }
        table.lines(terminal.tableWidth()).forEach(terminal.out()::println);
        return 0;
    }

    /** A moment without what nobody reads: 2026-01-02T03:04:05Z. */
    static String seconds(String moment) {
        return moment.replaceFirst("\\.\\d+Z$", "Z");
    }
}
