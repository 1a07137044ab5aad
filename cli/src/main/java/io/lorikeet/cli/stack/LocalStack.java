package io.lorikeet.cli.stack;

import static io.lorikeet.cli.stack.StackProcesses.GATEWAY;
import static io.lorikeet.cli.stack.StackProcesses.INFERENCE;
import static io.lorikeet.cli.stack.StackProcesses.TRAINER;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Broker, trainer, inference and gateway as processes of their own, on this machine. It starts whole or not at all: when a
 * process dies on the way, {@link #start} says why and leaves nothing running. From then on a process that dies is started
 * again ({@link Supervised}); one that does not stay up ends the stack.
 */
public final class LocalStack implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    /** How often logs are looked at. */
    private static final int POLLS_BETWEEN_LOGS = 50;

    private final StackOptions options;
    private final StackListener listener;
    private final RestartPolicy restarts;
    private final StackProcesses specs;
    private final StackLog log;
    private final Probe probe = new Probe();
    /** The broker first. */
    private final List<Supervised> processes = new ArrayList<>();

    private List<ProcessSpec> replicas = List.of();
    private StateLock lock;
    private boolean starting = true;
    private boolean closed;
    /** Why it cannot go on. */
    private Optional<String> failure = Optional.empty();

    private LocalStack(StackOptions options, StackListener listener, RestartPolicy restarts) {
        this.options = options;
        this.listener = listener;
        this.restarts = restarts;
        this.specs = new StackProcesses(options);
        this.log = new StackLog(options.logs());
    }

    /** Starts all of it and returns when every process is ready. */
    public static LocalStack start(StackOptions options, StackListener listener) {
        return start(options, listener, RestartPolicy.DEFAULT);
    }

    /** The same with another patience with processes that die. */
    public static LocalStack start(StackOptions options, StackListener listener, RestartPolicy restarts) {
        var stack = new LocalStack(options, listener, restarts);
        stack.startAll();
        return stack;
    }

    /**
     * The same, and stops the stack when this JVM is told to end, be it on the way up or later.
     */
    public static LocalStack startForThisProcess(StackOptions options, StackListener listener) {
        var stack = new LocalStack(options, listener, RestartPolicy.DEFAULT);
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

    /** A process of the stack by its name, as it runs now. */
    public ManagedProcess process(String name) {
        return supervised(name).process();
    }

    /** How often a process had to be started again. */
    public int restarts(String name) {
        return supervised(name).restarts();
    }

    private synchronized Supervised supervised(String name) {
        return processes.stream()
                .filter(each -> each.process().spec().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No process " + name + " in this stack"));
    }

    /** The names of its processes. */
    public synchronized List<String> names() {
        return processes.stream().map(each -> each.process().spec().name()).toList();
    }

    /** Starts one more inference service beside the first and returns when it is ready. */
    public ManagedProcess startInference(String name, int port, int management) {
        return startBeside(specs.inference(name, port, management));
    }

    /** Starts one more trainer beside the first and returns when it is ready. */
    public ManagedProcess startTrainer(String name, int port) {
        return startBeside(specs.trainer(name, port));
    }

    /** Starts one more gateway beside the first, for the replicas on those ports, and returns when it is ready. */
    public ManagedProcess startGateway(String name, int port, int management, List<Integer> inference) {
        return startBeside(specs.gateway(name, port, management, inference));
    }

    private ManagedProcess startBeside(ProcessSpec spec) {
        launch(spec);
        try {
            awaitReady(List.of(spec));
        } catch (RuntimeException e) {
            stop(process(spec.name()));
            throw e;
        }
        return process(spec.name());
    }

    /** Stops one process; the stack no longer looks after it. */
    public void stop(ManagedProcess process) {
        ManagedProcess present;
        synchronized (this) {
            Supervised known = supervised(process.spec().name());
            processes.remove(known);
            present = known.process();
            publish();
        }
        present.close();
    }

    /** Where the replicas of the inference service listen with which the stack began, the first one first. */
    public List<Integer> inferencePorts() {
        return replicas.stream().map(ProcessSpec::port).toList();
    }

    /** Blocks until the stack cannot go on or is stopped, and throws why. */
    public void awaitEnd() throws InterruptedException {
        while (true) {
            requireAlive();
            Thread.sleep(POLL);
        }
    }

    /** Throws why the stack cannot go on, if it cannot. A process that is being started again is no reason. */
    public synchronized void requireAlive() {
        if (failure.isPresent()) {
            throw new CliException(failure.get());
        }
        if (closed) {
            throw new CliException("The stack was stopped.");
        }
    }

    /** Stops the services, then the broker. */
    @Override
    public void close() {
        List<ManagedProcess> running;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            running = processes.stream().map(Supervised::process).toList();
        }
        if (!running.isEmpty()) {
            listener.stopping();
            ManagedProcess broker = running.getFirst();
            List<ManagedProcess> others = running.subList(1, running.size());
            others.forEach(ManagedProcess::requestStop);
            others.forEach(ManagedProcess::close);
            broker.close();
        }
        // without the lock another stack runs here, whose records these are
        if (lock != null) {
            if (!running.isEmpty()) {
                String reason = failure.orElse("it was told to stop");
                log.say("ended: " + reason);
                StackEnd.write(options.state(), reason);
            }
            StackRecord.delete(options.state());
            lock.close();
        }
    }

    private void startAll() {
        try {
            // whatever is missing is said before anything runs
            ProcessSpec broker = specs.broker();
            replicas = inference();
            List<ProcessSpec> services = new ArrayList<>(replicas);
            services.add(specs.trainer(TRAINER, options.ports().trainer()));
            services.add(specs.gateway(
                    GATEWAY, options.ports().gateway(), options.ports().gatewayManagement(), inferencePorts()));
            lock = StateLock.take(options.state());
            options.ports().requireFree();
            createDirectories();

            launch(broker);
            awaitReady(List.of(broker));
            services.forEach(this::launch);
            awaitReady(services);
            synchronized (this) {
                starting = false;
                publish();
            }
            log.say("started, pid " + ProcessHandle.current().pid() + ", " + gateway());
            Thread.ofPlatform().name("stack-supervisor").daemon().start(this::supervise);
        } catch (RuntimeException e) {
            fail("it did not start: " + e.getMessage());
            close();
            throw e;
        }
    }

    /** {@code inference}, {@code inference-2} and so on. */
    private List<ProcessSpec> inference() {
        List<ProcessSpec> all = new ArrayList<>();
        all.add(specs.inference(
                INFERENCE, options.ports().inference(), options.ports().inferenceManagement()));
        List<Integer> free = PortPlan.free(2 * (options.replicas() - 1));
        for (int i = 0; i < free.size(); i += 2) {
            all.add(specs.inference(INFERENCE + "-" + (2 + i / 2), free.get(i), free.get(i + 1)));
        }
        return all;
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

    private synchronized void launch(ProcessSpec spec) {
        if (closed) {
            throw new CliException("The stack was stopped.");
        }
        processes.add(new Supervised(ManagedProcess.start(spec, options.logs()), restarts));
        publish();
    }

    private void awaitReady(List<ProcessSpec> specs) {
        long start = System.nanoTime();
        List<ProcessSpec> waiting = new ArrayList<>(specs);
        while (!waiting.isEmpty()) {
            requireAlive();
            requireNoneDied(waiting);
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            waiting.removeIf(spec -> {
                boolean ready = probe.isReady(spec.readiness());
                if (ready) {
                    listener.ready(spec, elapsed);
                }
                return ready;
            });
            if (!waiting.isEmpty() && elapsed.compareTo(options.startTimeout()) > 0) {
                ManagedProcess late = process(waiting.getFirst().name());
                throw new CliException("The %s was not ready after %d s; the last line of its log: %s\n(all of it: %s)"
                        .formatted(
                                late.spec().name(), elapsed.toSeconds(), LogTail.tellingLine(late.log()), late.log()));
            }
            pause();
        }
    }

    /** While the stack starts, whoever dies ends that; later it is started again, but for one that was never ready. */
    private synchronized void requireNoneDied(List<ProcessSpec> waiting) {
        for (Supervised each : processes) {
            boolean required = starting || waiting.contains(each.process().spec());
            if (required && !each.process().isAlive()) {
                throw new CliException(each.process().obituary());
            }
        }
    }

    // ---- supervision ----

    private void supervise() {
        try {
            for (int polls = 0; look(); polls++) {
                if (polls % POLLS_BETWEEN_LOGS == 0) {
                    limitLogs();
                }
                Thread.sleep(POLL);
            }
        } catch (InterruptedException e) {
            fail("its supervisor was interrupted");
        } catch (RuntimeException | Error e) {
            fail("its supervisor has failed: " + e);
            throw e;
        }
    }

    /** Looks after every process; false once there is nothing to look after any more. */
    private synchronized boolean look() {
        if (closed || failure.isPresent()) {
            return false;
        }
        for (Supervised each : processes) {
            each.look().ifPresent(event -> hear(each.process().spec(), event));
        }
        return true;
    }

    private void hear(ProcessSpec spec, Supervised.Event event) {
        switch (event) {
            case Supervised.Event.Died(String obituary, int before, Duration pause) -> {
                log.say("%s It is started again in %.1f s (restarts so far: %d)."
                        .formatted(obituary, pause.toMillis() / 1000.0, before));
                listener.died(spec, obituary, pause);
            }
            case Supervised.Event.Restarted(int count) -> {
                log.say("%s started again, pid %d (restarts so far: %d)"
                        .formatted(spec.name(), process(spec.name()).pid(), count));
                listener.restarted(spec, count);
            }
            case Supervised.Event.GivenUp(String why) -> fail(why);
        }
        try {
            publish();
        } catch (CliException e) {
            log.say(e.getMessage());
        }
    }

    private synchronized void fail(String why) {
        if (failure.isEmpty() && !closed) {
            failure = Optional.of(why);
        }
    }

    private void limitLogs() {
        for (String name : names()) {
            LogLimit.DEFAULT.apply(options.logs().resolve(name + ".log"));
        }
    }

    private void publish() {
        ProcessHandle self = ProcessHandle.current();
        StackRecord.write(
                options.state(),
                new StackRecord(
                        self.pid(),
                        StackRecord.startOf(self),
                        gateway().toString(),
                        options.model().toString(),
                        starting,
                        processes.stream().map(StackRecord.Entry::of).toList()));
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
