package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.StackListener;
import io.lorikeet.cli.terminal.Terminal;
import java.time.Duration;

/** Says on the terminal how the stack comes up and goes down. */
record ConsoleStackListener(Terminal terminal) implements StackListener {

    @Override
    public void ready(ProcessSpec process, Duration took) {
        terminal.out()
                .println("  %-10s ready on port %-5d after %.1f s"
                        .formatted(process.name(), process.port(), took.toMillis() / 1000.0));
    }

    @Override
    public void died(ProcessSpec process, String obituary, Duration pause) {
        terminal.note("%s\nIt is started again in %.1f s.".formatted(obituary, pause.toMillis() / 1000.0));
    }

    @Override
    public void restarted(ProcessSpec process, int restarts) {
        terminal.note("The %s was started again (restarts so far: %d).".formatted(process.name(), restarts));
    }

    @Override
    public void stopping() {
        terminal.note("Stopping the stack ...");
    }
}
