package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.cli.stack.Health;
import io.lorikeet.cli.stack.StackRecord;
import io.lorikeet.contracts.TrainingEvent;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./lorikeet up} when things go wrong: what dies is started again; else one clear line, non-zero, nothing left running. */
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
    void aKilledProcessIsStartedAgainAndTheOthersGoOn() throws Exception {
        Process up = cli.up();
        List<StackRecord.Entry> before = cli.processes();

        kill("broker");
        awaitAllReady();
        assertThat(cli.processes())
                .as("all but the broker survive its restart")
                .filteredOn(process -> !process.name().equals("broker"))
                .containsExactlyElementsOf(before.subList(1, before.size()));
        List.of("inference", "trainer", "gateway").forEach(this::kill);
        awaitAllReady();

        assertThat(cli.processes()).allMatch(process -> process.restarts() == 1);
        assertThat(cli.run("status").out()).contains("The trainer ended with exit code 137 (killed)");
        QuickJob job = QuickJob.of(SharedStack.unique("after"));
        var gateway =
                new GatewayClient(URI.create("http://localhost:" + cli.ports().gateway()));
        assertThat(new JobFollower(gateway, _ -> {})
                        .follow(gateway.submit(job.bytes()).jobId()))
                .isInstanceOf(TrainingEvent.Succeeded.class);
        up.toHandle().destroy(); // the process alone would close what it said, too
        assertThat(Cli.finish(up).err())
                .contains("The broker ended with exit code 137", "The broker was started again");
        assertThat(cli.run("status").out()).contains("it was told to stop");
    }

    @Test
    void aServiceThatDoesNotStayUpEndsTheStackWithItsName() throws Exception {
        Process up = cli.up();
        List<StackRecord.Entry> processes = cli.processes();

        Await.until("the stack gives up", () -> {
            kill("trainer");
            return !up.isAlive();
        });
        Cli.Result ended = Cli.finish(up);

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).contains("The trainer has died 5 times in a row", "exit code 137");
        assertThat(processes).noneMatch(StackRecord.Entry::alive);
        cli.ports().requireFree();
        assertThat(cli.run("status").out()).contains("The trainer has died 5 times in a row");
        assertThat(cli.run("logs", "stack").out()).contains("The trainer has died 5 times in a row");
    }

    private void awaitAllReady() {
        Await.until(
                "all are ready again",
                () -> cli.processes().stream().allMatch(it -> Health.of(it) == Health.READY)
                        && cli.processes().stream().allMatch(StackRecord.Entry::alive));
    }

    /** SIGKILL, if it runs. */
    private void kill(String name) {
        StackRecord.find(cli.state()).stream()
                .flatMap(stack -> stack.processes().stream())
                .filter(process -> process.name().equals(name))
                .flatMap(process -> ProcessHandle.of(process.pid()).stream())
                .forEach(ProcessHandle::destroyForcibly);
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
