package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.StackRecord;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./lorikeet up} when things go wrong: one clear line, non-zero, nothing left running. */
@Timeout(value = 5, unit = MINUTES)
class SupervisionIT {

    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void freshState() {
        cli = new Cli(folder);
    }

    @Test
    void everyProcessEndsWhenTheCliIsKilled() throws Exception {
        Process up = cli.up();
        List<StackRecord.Entry> processes = cli.processes();
        assertThat(processes).hasSize(4).allMatch(StackRecord.Entry::alive);

        up.destroyForcibly().waitFor();

        Await.until("the children have ended", () -> processes.stream().noneMatch(StackRecord.Entry::alive));
        cli.ports().requireFree();
        assertThat(cli.run("status").exitCode()).isEqualTo(3);
    }

    @Test
    void aServiceThatDiesEndsTheStackWithItsName() throws Exception {
        Process up = cli.up();
        List<StackRecord.Entry> processes = cli.processes();
        long trainer = processes.stream()
                .filter(process -> process.name().equals("trainer"))
                .findFirst()
                .orElseThrow()
                .pid();

        ProcessHandle.of(trainer).orElseThrow().destroyForcibly();
        Cli.Result ended = Cli.finish(up);

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).contains("The trainer ended with exit code 137");
        assertThat(processes).noneMatch(StackRecord.Entry::alive);
        cli.ports().requireFree();
    }

    @Test
    void aModelWithoutWeightsEndsTheStartWithTheReason() throws Exception {
        Path model = Files.createDirectories(folder.resolve("a model"));
        Files.writeString(model.resolve("config.json"), """
                {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2"}
                """);
        List<String> arguments = new ArrayList<>(List.of("up", "--model", model.toString()));
        arguments.addAll(cli.stackOptions());

        Cli.Result result = cli.run(arguments.toArray(String[]::new));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("ended with exit code", "has config.json but no weights");
        cli.ports().requireFree();
        assertThat(cli.run("status").exitCode()).isEqualTo(3);
    }

    @Test
    void aPortInUseIsNamedBeforeAnythingStarts() throws Exception {
        try (var taken = new ServerSocket(cli.ports().gateway(), 1, InetAddress.getLoopbackAddress())) {
            List<String> arguments = new ArrayList<>(List.of("up"));
            arguments.addAll(cli.stackOptions());

            Cli.Result result = cli.run(arguments.toArray(String[]::new));

            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err().strip().lines())
                    .singleElement()
                    .asString()
                    .contains("Port " + taken.getLocalPort(), "gateway", "--gateway-port");
            assertThat(cli.state().resolve("logs")).doesNotExist();
        }
    }

    @Test
    void askingWithoutAStackSaysHowToStartOne() throws Exception {
        Cli.Result result = cli.run(
                "ask", "你是谁?", "--url", "http://localhost:" + cli.ports().gateway());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err().strip().lines()).singleElement().asString().contains("./lorikeet up");
    }
}
