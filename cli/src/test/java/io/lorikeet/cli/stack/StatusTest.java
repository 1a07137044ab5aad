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

    private Result status(boolean starting) throws IOException {
        Files.createDirectories(state.resolve("run"));
        ProcessHandle self = ProcessHandle.current();
        PrintStream before = System.out;
        var out = new ByteArrayOutputStream();
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
                                    StackProcesses.BROKER, self.pid(), broker.getLocalPort(), null, "broker.log"))));
            System.setOut(new PrintStream(out, true, UTF_8));
            int exitCode = Lorikeet.commandLine().execute("status", "--state", state.toString());
            return new Result(exitCode, out.toString(UTF_8));
        } finally {
            System.setOut(before);
        }
    }
}
