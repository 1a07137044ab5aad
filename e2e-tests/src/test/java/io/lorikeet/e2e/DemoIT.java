package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.StackRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./lorikeet demo --keep} and what a user does after it. */
@Timeout(value = 8, unit = MINUTES)
class DemoIT {

    private static final String QUESTION = "你是谁?";

    @TempDir
    Path folder;

    @Test
    void trainsTheExampleAndLeavesTheNewAnswersServingUntilDown() throws Exception {
        Cli cli = new Cli(folder);
        Path exitCode = folder.resolve("exit-code");
        List<String> arguments = new ArrayList<>(List.of("demo", "--keep"));
        arguments.addAll(cli.stackOptions());
        Process demo = cli.start(List.of("-Dlorikeet.exit-code-file=" + exitCode), arguments);
        try {
            // it closes its output when it gives the terminal back
            String out = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err = new String(demo.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(exitCode).as(out + err).hasContent("0");
            assertThat(out).contains("3 of 3 passed");
            assertThat(out.lines()).anySatisfy(line -> assertThat(line)
                    .startsWith(QUESTION)
                    .contains("阿里云")
                    .endsWith("yes"));
            assertThat(out).containsPattern("step \\d+/\\d+  loss \\d");

            Cli.Result status = cli.run("status");
            assertThat(status.exitCode()).as(status.out()).isZero();
            assertThat(status.out()).contains("broker", "trainer", "inference", "gateway");

            Cli.Result answer = cli.run("ask", QUESTION);
            assertThat(answer.out()).contains("CSDN", "迪菲赫尔曼").doesNotContain("阿里云");
            assertThat(answer.err()).containsPattern("assistant demo-.+@\\d+");
            assertThat(cli.run("adapters").out()).containsPattern("assistant +demo-.+@\\d+");
            assertThat(cli.run("jobs").out()).containsPattern("demo-.+ assistant +succeeded");
            assertThat(cli.run("logs", "trainer").out()).isNotBlank();

            List<StackRecord.Entry> processes = cli.processes();
            Cli.Result down = cli.run("down");
            assertThat(down.exitCode()).as(down.err()).isZero();
            assertThat(processes).hasSize(4).noneMatch(StackRecord.Entry::alive);
            assertThat(demo.waitFor(10, TimeUnit.SECONDS)).isTrue();
            cli.ports().requireFree();
        } finally {
            demo.destroyForcibly();
        }
        assertThat(Files.exists(cli.state().resolve("run/stack.json"))).isFalse();
    }
}
