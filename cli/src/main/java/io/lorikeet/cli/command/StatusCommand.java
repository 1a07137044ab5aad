package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.Health;
import io.lorikeet.cli.stack.StackEnd;
import io.lorikeet.cli.stack.StackRecord;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code status}: a table of the stack's processes. */
@Command(
        name = "status",
        description = {
            "Shows the processes of the local stack; if none runs, why the last one ended.",
            "Exit code 0 if all are ready, else 3; also while the stack starts."
        })
public final class StatusCommand implements Callable<Integer> {

    private static final int NOT_ALL_READY = 3;

    @Mixin
    HelpOption help;

    @Mixin
    StateOption state;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        Optional<StackRecord> stack = StackRecord.find(state.resolve());
        if (stack.isEmpty()) {
            terminal.out().println("No stack runs on " + state.resolve() + ".");
            StackEnd.last(state.resolve()).ifPresent(terminal.out()::println);
            return NOT_ALL_READY;
        }
        Table table = new Table("process", "state", "port", "pid", "restarts", "log");
        boolean allReady = !stack.get().starting();
        for (StackRecord.Entry process : stack.get().processes()) {
            Health health = Health.of(process);
            allReady &= health == Health.READY;
            table.row(
                    process.name(),
                    health.word(),
                    Integer.toString(process.port()),
                    Long.toString(process.pid()),
                    Integer.toString(process.restarts()),
                    String.valueOf(Path.of(process.log()).getFileName()));
        }
        terminal.out()
                .println(stack.get().gateway() + "  model " + stack.get().model()
                        + (stack.get().starting() ? "  starting" : ""));
        table.lines(terminal.tableWidth()).forEach(terminal.out()::println);
        stack.get().processes().stream()
                .map(process -> "logs in " + Path.of(process.log()).getParent())
                .distinct()
                .forEach(terminal.out()::println);
        stack.get().processes().stream()
                .map(StackRecord.Entry::lastDeath)
                .filter(Objects::nonNull)
                .forEach(terminal.out()::println);
        return allReady ? 0 : NOT_ALL_READY;
    }
}
