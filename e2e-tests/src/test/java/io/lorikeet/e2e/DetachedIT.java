package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.StackRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./lorikeet up -d}: the stack is its caller's no more. */
@Timeout(value = 5, unit = MINUTES)
class DetachedIT {
    @TempDir
    Path folder;

    @Test
    void aDetachedStackHoldsNothingThatItsCallerHasOpen() throws Exception {
        Path launcher = LinkedProject.in(folder);
        var cli = new Cli(folder);
        Path marker = Files.createFile(folder.resolve("a lock of the caller")).toRealPath();
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "exec 7>\"$1\"; shift; \"$0\" \"$@\" 2>&1 | cat",
                launcher.toString(),
                marker.toString()));
        command.addAll(List.of("up", "-d", "--state", cli.state().toString()));
        command.addAll(cli.stackOptions());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));

        Process pipeline = builder.start();

        // ends only when nobody has the pipe any more
        String said = new String(pipeline.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(pipeline.waitFor(10, TimeUnit.SECONDS)).isTrue();
        try {
            assertThat(said).contains("Serving at");
            StackRecord stack = StackRecord.find(cli.state()).orElseThrow();
            assertThat(stack.processes()).hasSize(4);
            assertThat(open(stack.pid())).isNotEmpty().doesNotContain(marker);
            for (StackRecord.Entry process : stack.processes()) {
                assertThat(open(process.pid())).as(process.name()).isNotEmpty().doesNotContain(marker);
            }
        } finally {
            assertThat(cli.run("down").exitCode()).isZero();
        }
    }

    /** What a process has open. */
    private static List<Path> open(long pid) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.isSymbolicLink(descriptor)) { // else closed meanwhile
                    files.add(Files.readSymbolicLink(descriptor));
                }
            }
        }
        return files;
    }
}
