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
    public void stopping() {
        terminal.note("Stopping the stack ...");
    }
}
