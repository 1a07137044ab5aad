package io.lorikeet.cli.stack;

import static io.lorikeet.cli.stack.StackProcesses.INFERENCE;
import static io.lorikeet.cli.stack.StackProcesses.TRAINER;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Broker, trainer, inference and gateway as processes of their own, on this machine. It starts whole or not at all:
 * when a process dies on the way, {@link #start} says why and leaves nothing running.
 */
public final class LocalStack implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);

    private final StackOptions options;
    private final StackListener listener;
    private final StackProcesses specs;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PROBE_TIMEOUT).build();
    private final List<ManagedProcess> running = new ArrayList<>();
    private StateLock lock;
    private boolean starting = true;
    private boolean closed;

    private LocalStack(StackOptions options, StackListener listener) {
        this.options = options;
        this.listener = listener;
        this.specs = new StackProcesses(options);
    }

    /** Starts all of it and returns when every process is ready. */
    public static LocalStack start(StackOptions options, StackListener listener) {
        var stack = new LocalStack(options, listener);
        stack.startAll();
        return stack;
    }

    /**
     * The same, and stops the stack when this JVM is told to end, be it on the way up or later.
     */
    public static LocalStack startForThisProcess(StackOptions options, StackListener listener) {
        var stack = new LocalStack(options, listener);
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stack-stop"));
        stack.startAll();
        return stack;
    }

    public StackOptions options() {
        return options;
    }

    public URI gateway() {
        return URI.create("http://localhost:" + options.ports().gateway());
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + options.ports().broker();
    }

    /** A process of the stack by its name. */
    public synchronized ManagedProcess process(String name) {
        return running.stream()
                .filter(process -> process.spec().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No process " + name + " in this stack"));
    }

    /** Starts one more inference service beside the first and returns when it is ready. */
    public ManagedProcess startInference(String name, int port, int management) {
        ManagedProcess process = launch(specs.inference(name, port, management));
        awaitReady(List.of(process));
        return process;
    }

    /** Starts one more trainer beside the first and returns when it is ready. */
    public ManagedProcess startTrainer(String name, int port) {
        ManagedProcess process = launch(specs.trainer(name, port));
        awaitReady(List.of(process));
        return process;
    }

    /** Stops one process; the stack no longer watches it. */
    public void stop(ManagedProcess process) {
        synchronized (this) {
            running.remove(process);
            publish();
        }
        process.close();
    }

    /** Blocks until a process of the stack ends that nobody stopped, and throws what its log says. */
    public void awaitDeath() throws InterruptedException {
        while (true) {
            requireAlive();
            Thread.sleep(POLL);
        }
    }

    /** Throws what the log says of a process that has ended without being stopped. */
    public void requireAlive() {
        Optional<ManagedProcess> dead;
        synchronized (this) {
            if (closed) {
                throw new CliException("The stack was stopped.");
            }
            dead = running.stream().filter(process -> !process.isAlive()).findFirst();
        }
        if (dead.isPresent()) {
            throw new CliException(dead.get().obituary());
        }
    }

    /** Stops the services, then the broker. */
    @Override
    public void close() {
        List<ManagedProcess> services;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            services = List.copyOf(running);
        }
        if (!services.isEmpty()) {
            listener.stopping();
            ManagedProcess broker = services.getFirst();
            List<ManagedProcess> others = services.subList(1, services.size());
            others.forEach(ManagedProcess::requestStop);
            others.forEach(ManagedProcess::close);
            broker.close();
        }
        StackRecord.delete(options.state());
        if (lock != null) {
            lock.close();
        }
    }

    private void startAll() {
        try {
            // whatever is missing is said before anything runs
            ProcessSpec broker = specs.broker();
            List<ProcessSpec> services = List.of(
                    specs.inference(
                            INFERENCE,
                            options.ports().inference(),
                            options.ports().inferenceManagement()),
                    specs.trainer(TRAINER, options.ports().trainer()),
                    specs.gateway());
            lock = StateLock.take(options.state());
            options.ports().requireFree();
            createDirectories();

            awaitReady(List.of(launch(broker)));
            awaitReady(services.stream().map(this::launch).toList());
            synchronized (this) {
                starting = false;
                publish();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void createDirectories() {
        try {
            Files.createDirectories(options.adapters());
            Files.createDirectories(options.data());
            Files.createDirectories(options.run());
        } catch (IOException e) {
            throw new CliException("Cannot use the state folder " + options.state() + ": " + e.getMessage(), e);
        }
    }

    private synchronized ManagedProcess launch(ProcessSpec spec) {
        if (closed) {
            throw new CliException("The stack was stopped.");
        }
        ManagedProcess process = ManagedProcess.start(spec, options.logs());
        running.add(process);
        publish();
        return process;
    }

    private void publish() {
        ProcessHandle self = ProcessHandle.current();
        List<StackRecord.Entry> entries = running.stream()
                .map(process -> new StackRecord.Entry(
                        process.spec().name(),
                        process.pid(),
                        process.spec().port(),
                        ready(process.spec().readiness()),
                        process.log().toString()))
                .toList();
        StackRecord.write(
                options.state(),
                new StackRecord(
                        self.pid(),
                        StackRecord.startOf(self),
                        gateway().toString(),
                        options.model().toString(),
                        starting,
                        entries));
    }

    private void awaitReady(List<ManagedProcess> processes) {
        long start = System.nanoTime();
        List<ManagedProcess> waiting = new ArrayList<>(processes);
        while (!waiting.isEmpty()) {
            requireAlive();
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            waiting.removeIf(process -> {
                boolean ready = isReady(process.spec().readiness());
                if (ready) {
                    listener.ready(process.spec(), elapsed);
                }
                return ready;
            });
            if (!waiting.isEmpty() && elapsed.compareTo(options.startTimeout()) > 0) {
                ManagedProcess late = waiting.getFirst();
                throw new CliException("The %s was not ready after %d s; the last line of its log: %s\n(all of it: %s)"
                        .formatted(
                                late.spec().name(), elapsed.toSeconds(), LogTail.tellingLine(late.log()), late.log()));
            }
            pause();
        }
    }

    private static String ready(Readiness readiness) {
        return switch (readiness) {
            case Readiness.FileExists _ -> null;
            case Readiness.HttpOk(URI address) -> address.toString();
        };
    }

    private boolean isReady(Readiness readiness) {
        return switch (readiness) {
            case Readiness.FileExists(Path file) -> Files.exists(file);
            case Readiness.HttpOk(URI address) -> answersOk(address);
        };
    }

    private boolean answersOk(URI address) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(address).timeout(PROBE_TIMEOUT).build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted while the stack started.", e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted while the stack started.", e);
        }
    }
}
