package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.FormatProposal;
import io.lorikeet.cli.stack.FormatProposal.Hardware;
import io.lorikeet.cli.stack.LocalStack;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code up}: starts the stack and stays with it. */
@Command(
        name = "up",
        description = {
            "Starts Kafka, trainer, inference and gateway on this machine and stays with them: one that dies is started again.",
            "Ctrl-C stops them all, and so does `./lorikeet down` in another terminal."
        })
public final class UpCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    private StackOptionsMixin stackOptions;

    @Option(
            names = "--default-adapter",
            paramLabel = "NAME",
            description = "The adapter that answers when a request names none (default: ${DEFAULT-VALUE}).")
    private String defaultAdapter = StackOptions.DEFAULT_ADAPTER;

    @Option(
            names = {"-d", "--detach"},
            description = "Give the terminal back when the stack is ready; `./lorikeet down` stops it.")
    private boolean detach;

    @Override
    public Integer call() throws InterruptedException {
        Terminal terminal = Terminal.current();
        StackOptions options = stackOptions.resolve(defaultAdapter);
        String state = stackOptions.state.repeated();
        terminal.out().println("Starting on " + options.model() + ", state in " + options.state());
        FormatProposal.of(options.model(), options.replicas(), System.getenv(), Hardware.current())
                .ifPresent(terminal.out()::println);
        try (LocalStack stack = LocalStack.startForThisProcess(options, new ConsoleStackListener(terminal))) {
            terminal.out().println("""

                            Serving at %s  (API: %s/docs)
                              ./lorikeet ask "你是谁?"%s
                              ./lorikeet train examples/self_cognition/job.json%s""".formatted(stack.gateway(), stack.gateway(), state, state));
            if (detach) {
                Detachment.leave(0);
            }
            terminal.out().println("Ctrl-C stops it.");
            stack.awaitEnd();
        }
        return 0;
    }
}
