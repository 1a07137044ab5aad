package io.lorikeet.cli.command;

import io.lorikeet.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}: a script for the shell. */
@Command(
        name = "completion",
        description = {
            "Prints a script that completes commands and options in bash and zsh:",
            "source <(./lorikeet completion)"
        })
public final class CompletionCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        // bash finds it for ./lorikeet, too: it looks a path up by its last part
        Terminal.current()
                .out()
                .println(AutoComplete.bash("lorikeet", spec.root().commandLine()));
        return 0;
    }
}
