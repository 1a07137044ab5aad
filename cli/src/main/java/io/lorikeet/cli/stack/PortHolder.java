package io.lorikeet.cli.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Says which process listens on a port, as far as this user may know: from /proc on Linux, else from lsof. */
final class PortHolder {

    /** The state LISTEN in /proc/net/tcp. */
    private static final String LISTEN = "0A";

    private PortHolder() {}

    /** For example {@code java (pid 4711)}. */
    static Optional<String> find(int port) {
        try {
            Path proc = Path.of("/proc/net/tcp");
            Optional<Long> pid = Files.isReadable(proc) ? fromProc(port) : fromLsof(port);
            return pid.map(PortHolder::describe);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String describe(long pid) {
        String name = ProcessHandle.of(pid)
                .flatMap(process -> process.info().command())
                .map(command -> Path.of(command).getFileName() + " ")
                .orElse("");
        return name + "(pid " + pid + ")";
    }

    private static Optional<Long> fromProc(int port) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (String file : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            Path table = Path.of(file);
            if (!Files.isReadable(table)) {
                continue;
            }
            String suffix = ":%04X".formatted(port);
            for (String line : Files.readAllLines(table)) {
                String[] columns = line.strip().split("\\s+", -1);
                if (columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals(LISTEN)) {
                    sockets.add("socket:[" + columns[9] + "]");
                }
            }
        }
        if (sockets.isEmpty()) {
            return Optional.empty();
        }
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> holdsAny(pid, sockets))
                .findFirst();
    }

    private static boolean holdsAny(long pid, Set<String> sockets) {
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException | RuntimeException e) {
            // another user's process, or one that has just ended
        }
        return false;
    }

    private static Optional<Long> fromLsof(int port) throws IOException {
        Process lsof = new ProcessBuilder("lsof", "-nP", "-iTCP:" + port, "-sTCP:LISTEN", "-t")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!lsof.waitFor(5, TimeUnit.SECONDS)) {
                lsof.destroyForcibly();
                return Optional.empty();
            }
            String said = new String(lsof.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return said.lines().findFirst().map(String::strip).map(Long::valueOf);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
