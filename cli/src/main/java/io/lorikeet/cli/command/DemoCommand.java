package io.lorikeet.cli.command;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.stack.LocalStack;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.cli.terminal.TrainingView;
import io.lorikeet.contracts.AcceptanceQuestion;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code demo}: the example from beginning to end. */
@Command(
        name = "demo",
        description = {
            "Starts the local stack, asks the three questions of examples/self_cognition, trains, and asks again.",
            "Exit code 0 only if all three answers pass."
        })
public final class DemoCommand implements Callable<Integer> {

    private static final DateTimeFormatter JOB_TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    @Mixin
    HelpOption help;

    @Mixin
    private StackOptionsMixin stackOptions;

    @Option(names = "--keep", description = "Leave the stack serving; `./lorikeet down` stops it.")
    private boolean keep;

    @Override
    public Integer call() throws InterruptedException {
        long start = System.nanoTime();
        Terminal terminal = Terminal.current();
        Path example = ProjectHome.current().demoExample();
        JobFile job = JobFile.read(example.resolve("job.json"))
                .withJobId("demo-" + JOB_TIME.format(ZonedDateTime.now(ZoneId.systemDefault())) + "-"
                        + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX));
        List<AcceptanceQuestion> questions = Questions.read(example.resolve("acceptance.json"));
        StackOptions options = stackOptions.resolve(job.adapter());

        terminal.out().println(terminal.bold("Starting the stack") + " on " + options.model());
        try (LocalStack stack = LocalStack.startForThisProcess(options, new ConsoleStackListener(terminal))) {
            Demo demo = new Demo(new GatewayClient(stack.gateway()), questions);

            terminal.out().println(terminal.bold("Asking the base model"));
            List<String> before = demo.askBase();

            terminal.out().println(terminal.bold("Training adapter " + job.adapter()) + " (job " + job.jobId() + ")");
            String version;
            try (var view = new TrainingView(terminal)) {
                version = demo.train(job.forStack(options.data()), view);
            }

            Duration swap = demo.awaitSwap(job.adapter(), version, stack::requireAlive);
            terminal.out()
                    .println(terminal.bold("Asking again") + ": " + version
                            + " serves, %d ms after the training ended".formatted(swap.toMillis()));
            List<Demo.Line> lines = demo.askTrained(job.adapter(), version, before);
            print(terminal, lines);

            long passed = lines.stream().filter(Demo.Line::passed).count();
            terminal.out()
                    .println("%d of %d passed, %.0f s in all"
                            .formatted(passed, lines.size(), (System.nanoTime() - start) / 1e9));
            int exitCode = passed == lines.size() ? 0 : 1;
            if (keep) {
                keepServing(terminal, stack, stackOptions.state.repeated(), exitCode);
            }
            return exitCode;
        }
    }

    private static void keepServing(Terminal terminal, LocalStack stack, String state, int exitCode)
            throws InterruptedException {
        terminal.out()
                .println("Serving at %s (API: %s/docs). %s"
                        .formatted(
                                stack.gateway(),
                                stack.gateway(),
                                Detachment.possible()
                                        ? "`./lorikeet down" + state + "` stops it."
                                        : "Ctrl-C stops it."));
        Detachment.leave(exitCode);
        stack.awaitEnd();
    }

    private static void print(Terminal terminal, List<Demo.Line> lines) {
        Table table = new Table("question", "before", "after", "passed");
        lines.forEach(line ->
                table.row(line.question().question(), line.before(), line.after(), line.passed() ? "yes" : "NO"));
        terminal.out().println();
        table.lines(terminal.width()).forEach(terminal.out()::println);
        terminal.out().println();
    }
}
