package io.lorikeet.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackProcessesTest {
    @TempDir
    Path folder;

    /** The flags of the stack's own commands, before a program that keeps all it gets: nobody catches what is thrown. */
    @Test
    void aProcessOfTheStackThatRunsOutOfMemoryEnds() throws Exception {
        for (var flags : List.of(StackProcesses.LEAN, StackProcesses.WITH_ENGINE)) {
            var command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m"));
            command.addAll(flags);
            command.add(program().toString());
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();

            var said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isEqualTo(3);
            assertThat(said).contains("java.lang.OutOfMemoryError").doesNotContain("lives on");
        }
    }

    private Path program() throws IOException {
        return Files.writeString(folder.resolve("Hoarder.java"), """
                void main() throws InterruptedException {
                    var helper = Thread.ofPlatform().start(() -> {
                        var all = new java.util.ArrayList<byte[]>();
                        while (true) {
                            all.add(new byte[1 << 20]);
                        }
                    });
                    helper.join();
                    IO.println("lives on");
                }
                """);
    }
}
