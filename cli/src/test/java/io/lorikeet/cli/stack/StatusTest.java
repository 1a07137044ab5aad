package io.lorikeet.cli.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.Lorikeet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code status} of a stack whose broker takes connections. */
class StatusTest {
    @TempDir
    Path state;

    private record Result(int exitCode, String out) {}

    @Test
    void aStackThatStartsIsNotReadyThoughAllThatRunsOfItIs() throws IOException {
        Result status = status(true);

        assertThat(status.exitCode()).isEqualTo(3);
        assertThat(status.out().lines().findFirst())
                .hasValueSatisfying(line -> assertThat(line).endsWith("  starting"));
        assertThat(status.out()).containsPattern("broker +ready");
    }

    @Test
    void aStackThatHasStartedIsReadyWhenAllOfItIs() throws IOException {
        Result status = status(false);

        assertThat(status.exitCode()).isZero();
        assertThat(status.out()).doesNotContain("starting");
    }

    @Test
    void saysWhatWasStartedAgainAndWhy() throws IOException {
        Result status = status(false);

        assertThat(status.out())
                .containsPattern("broker +ready +\\d+ +\\d+ +2 ")
                .contains("The broker was killed.");
    }

    @Test
    void saysWhyTheLastStackEnded() throws IOException {
        Files.createDirectories(state.resolve("run"));
        StackEnd.write(state, "the trainer has died 5 times in a row");

        Result status = run("status");

        assertThat(status.exitCode()).isEqualTo(3);
        assertThat(status.out()).contains("No stack runs", "ended at", "the trainer has died 5 times in a row");
    }

    @Test
    void saysThatASupervisorWasKilledThoughItLeftNoWord() throws IOException {
        Files.createDirectories(state.resolve("run"));
        StackEnd.write(state, "an older end");
        ProcessHandle self = ProcessHandle.current();
        // the pid is of a process that runs, but started at another time
        StackRecord.write(
                state, new StackRecord(self.pid(), 1, "http://localhost:8000", "/models/m", false, List.of()));

        assertThat(run("status").out())
                .contains("No stack runs", "its supervisor (pid " + self.pid() + ") was killed")
                .doesNotContain("an older end");
    }

    private Result status(boolean starting) throws IOException {
        Files.createDirectories(state.resolve("run"));
        ProcessHandle self = ProcessHandle.current();
        try (var broker = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StackRecord.write(
                    state,
                    new StackRecord(
                            self.pid(),
                            StackRecord.startOf(self),
                            "http://localhost:8000",
                            "/models/m",
                            starting,
                            List.of(new StackRecord.Entry(
                                    StackProcesses.BROKER,
                                    self.pid(),
                                    broker.getLocalPort(),
                                    null,
                                    "broker.log",
                                    2,
                                    "The broker was killed."))));
            return run("status");
        }
    }

    private Result run(String command) {
        PrintStream before = System.out;
        var out = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(out, true, UTF_8));
            int exitCode = Lorikeet.commandLine().execute(command, "--state", state.toString());
            return new Result(exitCode, out.toString(UTF_8));
        } finally {
            System.setOut(before);
        }
    }
}
