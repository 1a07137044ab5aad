package io.lorikeet.benchmarks.chaos;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.report.ProcessMemory;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.Health;
import io.lorikeet.cli.stack.LocalStack;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.RestartPolicy;
import io.lorikeet.cli.stack.StackListener;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.cli.stack.StackRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Broker, two trainers over one adapters root, two replicas of inference, and two gateways, each for both of the replicas. All of it is supervised, and can be started again on the same state.
 */
final class ChaosStack implements AutoCloseable {
    static final List<String> INFERENCE = List.of("inference", "inference-2");
    static final List<String> TRAINERS = List.of("trainer", "trainer-2");
    static final List<String> GATEWAYS = List.of("gateway", "gateway-2");
    static final String BROKER = "broker";

    private static final Duration POLL = Duration.ofMillis(200);
    /** Whoever is killed on purpose must not be given up for it. */
    private static final RestartPolicy RESTARTS =
            new RestartPolicy(Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofSeconds(5), 20);

    private final StackOptions options;
    /** Of the second of each: gateway, its management, trainer. */
    private final List<Integer> ports = PortPlan.free(3);

    private volatile LocalStack stack;

    ChaosStack(Path state, Path model) {
        options = new StackOptions(
                ProjectHome.current(),
                state,
                model,
                PortPlan.free(),
                INFERENCE.size(),
                StackOptions.DEFAULT_ADAPTER,
                StackOptions.START_TIMEOUT);
    }

    void start() {
        LocalStack started = LocalStack.start(options, StackListener.silent(), RESTARTS);
        stack = started;
        started.startGateway(GATEWAYS.getLast(), ports.get(0), ports.get(1), started.inferencePorts());
        started.startTrainer(TRAINERS.getLast(), ports.get(2));
    }

    /** Stops everything and starts it again on the same state. */
    void restart() {
        stack.close();
        start();
    }

    Path adapters() {
        return options.adapters();
    }

    String bootstrapServers() {
        return stack.bootstrapServers();
    }

    List<URI> gateways() {
        return List.of(
                URI.create("http://127.0.0.1:" + options.ports().gateway()),
                URI.create("http://127.0.0.1:" + ports.get(0)));
    }

    List<String> names() {
        return stack.names();
    }

    int restarts(String name) {
        return stack.restarts(name);
    }

    /** The one that runs now under the name. */
    long pid(String name) {
        return stack.process(name).pid();
    }

    void kill(String name) {
        stack.process(name).kill();
    }

    /** Which of them are not ready now. */
    List<String> notReady() {
        return StackRecord.find(options.state())
                .map(record -> record.processes().stream()
                        .filter(process -> Health.of(process) != Health.READY)
                        .map(StackRecord.Entry::name)
                        .toList())
                .orElse(List.of("everything"));
    }

    /** Waits until all are; false if some are not after so long. */
    boolean awaitReady(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        while (!notReady().isEmpty()) {
            if (System.nanoTime() > end) {
                return false;
            }
            pause(POLL);
        }
        return true;
    }

    /** Memory of a process that is no page of a file. */
    long memory(String name) {
        return ProcessMemory.of(pid(name)).anonymous();
    }

    /** Descriptors that a process has open. */
    long descriptors(String name) {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid(name)), "fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new CliException("the descriptors of " + name + " cannot be counted: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (stack != null) {
            stack.close();
        }
    }
}
