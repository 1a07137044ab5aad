package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.StackRecord;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a stack keeps what it writes; by this folder the commands find the stack that runs. */
final class StateOption {

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Folder for Kafka's data, adapters and logs (default: .lorikeet in the project).")
    Path state;

    Path resolve() {
        return (state == null ? ProjectHome.current().defaultState() : state)
                .toAbsolutePath()
                .normalize();
    }

    /** What a hint has to repeat so that it works as printed; empty for the default folder. */
    String repeated() {
        return state == null ? "" : " --state " + quoted(state.toString());
    }

    /** For a POSIX shell. */
    private static String quoted(String text) {
        return text.matches("[\\w./:@%+=,-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** The stack that runs on this folder. */
    StackRecord running() {
        return StackRecord.find(resolve())
                .orElseThrow(() -> new CliException(
                        "No stack runs on " + resolve() + ". `./lorikeet up" + repeated() + "` starts one."));
    }
}
