package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.StackRecord;
import io.lorikeet.cli.terminal.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code down}: stops the stack that runs in another terminal. */
@Command(name = "down", description = "Stops the stack that `up` or `demo --keep` started in another terminal.")
public final class DownCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Mixin
    HelpOption help;

    @Mixin
    StateOption state;

    @Override
    public Integer call() throws Exception {
        Terminal terminal = Terminal.current();
        Optional<StackRecord> stack = StackRecord.find(state.resolve());
        Optional<ProcessHandle> supervisor = stack.flatMap(StackRecord::supervisor);
        if (supervisor.isEmpty()) {
            terminal.out().println("No stack runs on " + state.resolve() + ".");
            return 0;
        }
        supervisor.get().destroy();
        try {
            supervisor.get().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new CliException(
                    "The stack (pid " + supervisor.get().pid() + ") has not stopped after " + PATIENCE.toSeconds()
                            + " s.",
                    e);
        }
        List<StackRecord.Entry> left = stack.get().processes().stream()
                .filter(StackRecord.Entry::alive)
                .toList();
        if (!left.isEmpty()) {
            throw new CliException("Still running: " + left);
        }
        terminal.out().println("Stopped.");
        return 0;
    }
}
