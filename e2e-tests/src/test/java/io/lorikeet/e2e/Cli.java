package io.lorikeet.e2e;

import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.StackRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged CLI as a process, run from a folder outside the project, on a state folder and ports of its own. */
final class Cli {

    private final Path state;
    private final PortPlan ports = PortPlan.free();

    private Cli(Path state, boolean own) {
        this.state = own ? state.resolve("state of a test") : state;
    }

    /** Paths with blanks must do. */
    Cli(Path folder) {
        this(folder, true);
    }

    /** On the state of a stack that runs. */
    static Cli on(Path state) {
        return new Cli(state.toAbsolutePath(), false);
    }

    /** How a command ended. */
    record Result(int exitCode, String out, String err) {}

    Path state() {
        return state;
    }

    PortPlan ports() {
        return ports;
    }

    /** The options that start a stack here. */
    List<String> stackOptions() {
        return List.of(
                "--gateway-port", Integer.toString(ports.gateway()),
                "--gateway-management-port", Integer.toString(ports.gatewayManagement()),
                "--inference-port", Integer.toString(ports.inference()),
                "--inference-management-port", Integer.toString(ports.inferenceManagement()),
                "--trainer-port", Integer.toString(ports.trainer()),
                "--broker-port", Integer.toString(ports.broker()));
    }

    /** Runs a command to its end. */
    Result run(String... arguments) throws IOException, InterruptedException {
        return finish(start(List.of(), List.of(arguments)));
    }

    /** {@code validate}, which knows of no state. */
    Result validate(String job) throws IOException, InterruptedException {
        return finish(start(List.of(), List.of("validate", job), List.of()));
    }

    /** Waits for a command's end. */
    static Result finish(Process process) throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the command closed its output and did not end: " + out + err);
        }
        return new Result(process.exitValue(), out, err);
    }

    /** Starts a command with more properties for its JVM. */
    Process start(List<String> properties, List<String> arguments) throws IOException {
        return start(properties, arguments, List.of("--state", state.toString()));
    }

    private Process start(List<String> properties, List<String> arguments, List<String> last) throws IOException {
        ProjectHome home = ProjectHome.current();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Dlorikeet.home=" + home.root(), "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8"));
        command.addAll(properties);
        command.addAll(List.of(
                "-jar", home.root().resolve("cli/target/lorikeet-cli.jar").toString()));
        command.addAll(arguments);
        command.addAll(last);
        Files.createDirectories(state);
        ProcessBuilder builder = new ProcessBuilder(command).directory(state.toFile());
        builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8"));
        builder.environment().remove("LORIKEET_URL");
        return builder.start();
    }

    /** Starts {@code up} and returns when every process is ready. */
    Process up() throws IOException {
        List<String> arguments = new ArrayList<>(List.of("up"));
        arguments.addAll(stackOptions());
        Process up = start(List.of(), arguments);
        Await.until("`up` is ready", () -> {
            try {
                if (!up.isAlive()) {
                    throw new AssertionError("`up` has ended: " + finish(up));
                }
                return run("status").exitCode() == 0;
            } catch (IOException e) {
                throw new AssertionError(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        });
        return up;
    }

    /** The processes of the stack that runs here. */
    List<StackRecord.Entry> processes() {
        return StackRecord.find(state).orElseThrow().processes();
    }
}
