package io.lorikeet.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagedProcessIT {

    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    /** Starts a child in {@code args[0]}, running {@code args[1]} in a shell, and waits to be killed. */
    static final class Parent {
        public static void main(String[] args) throws InterruptedException {
            ManagedProcess child = ManagedProcess.start(shell(Path.of(args[0]), args[1]), Path.of(args[0]), GRACE);
            Thread.sleep(Duration.ofMinutes(2));
            child.close();
        }
    }

    @Test
    void endsWithItsParentThoughTheParentIsKilled() throws Exception {
        ProcessHandle child = childOfKilledParent("sleep 100");

        assertThat(child.onExit()).succeedsWithin(PATIENCE);
    }

    @Test
    void isKilledAfterItsParentIfItDoesNotListen() throws Exception {
        ProcessHandle child = childOfKilledParent("trap '' TERM; while :; do sleep 1; done");

        assertThat(child.onExit()).succeedsWithin(PATIENCE);
    }

    @Test
    void ignoresCtrlCSoThatTheStackStopsInItsOwnOrder() throws Exception {
        try (ManagedProcess child = ManagedProcess.start(shell(folder, "sleep 100"), folder)) {
            awaitFile(folder.resolve("pid"));
            new ProcessBuilder("kill", "-INT", Long.toString(child.pid()))
                    .start()
                    .waitFor();

            assertThat(ProcessHandle.of(child.pid()).orElseThrow().onExit()).failsWithin(Duration.ofMillis(300));
        }
    }

    @Test
    void leavesNoGuardBehindWhenItEnds() throws Exception {
        ManagedProcess child = ManagedProcess.start(shell(folder, "exec sleep 100"), folder);
        awaitFile(folder.resolve("pid"));
        List<ProcessHandle> guard =
                ProcessHandle.of(child.pid()).orElseThrow().children().toList();
        assertThat(guard).hasSize(1);

        child.close();

        assertThat(guard.getFirst().onExit()).succeedsWithin(PATIENCE);
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void saysItsExitCodeAndWhatItsLogTells() throws Exception {
        ManagedProcess child = ManagedProcess.start(shell(folder, "echo 'ERROR no such model'; exit 3"), folder);
        ProcessHandle.of(child.pid()).ifPresent(process -> process.onExit().join());
        while (child.isAlive()) {
            Thread.onSpinWait();
        }

        assertThat(child.obituary())
                .contains(
                        "The child ended with exit code 3",
                        "no such model",
                        folder.resolve("child.log").toString());
    }

    private ProcessHandle childOfKilledParent(String script) throws IOException, InterruptedException {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        folder.toString(),
                        script)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("parent.log").toFile())
                .start();
        awaitFile(folder.resolve("pid"));
        ProcessHandle child = ProcessHandle.of(
                        Long.parseLong(Files.readString(folder.resolve("pid")).strip()))
                .orElseThrow();
        assertThat(child.isAlive()).isTrue();
        parent.destroyForcibly();
        assertThat(parent.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return child;
    }

    /** A shell that writes its pid when it is under way. */
    private static ProcessSpec shell(Path folder, String script) {
        String command = "echo $$ >" + folder + "/pid.next; mv " + folder + "/pid.next " + folder + "/pid; " + script;
        return new ProcessSpec(
                "child",
                1,
                List.of("/bin/sh", "-c", command),
                Map.of(),
                new Readiness.FileExists(folder.resolve("pid")));
    }

    private static void awaitFile(Path file) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(file)) {
            assertThat(System.nanoTime()).as("waiting for " + file).isLessThan(end);
            Thread.sleep(20);
        }
    }
}
