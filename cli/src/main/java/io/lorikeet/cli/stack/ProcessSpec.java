package io.lorikeet.cli.stack;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A process of the stack before it runs.
 *
 * @param name its name in status, logs and messages
 * @param port where it listens
 * @param command program and arguments
 * @param environment variables in addition to this process's own
 * @param readiness what tells that it can be used
 */
public record ProcessSpec(
        String name, int port, List<String> command, Map<String, String> environment, Readiness readiness) {

    public ProcessSpec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** What tells that a process can be used. */
    public sealed interface Readiness {

        /** It has written this file. */
        record FileExists(Path file) implements Readiness {}

        /** This address answers 200. */
        record HttpOk(URI address) implements Readiness {}
    }
}
