package io.lorikeet.benchmarks.chaos;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.load.Announcer;
import io.lorikeet.benchmarks.load.NumberedAdapters;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.contracts.TrainingEvent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The whole system at half load while it is broken again and again. Afterwards every accepted job was trained once, every
 * answer was right or its client knows that it got none, what was announced last is served, everybody is ready, and memory
 * and descriptors are as they were.
 */
public final class Chaos {
    private static final int NUMBERS = 4;
    private static final Duration CALIBRATION = Duration.ofSeconds(10);
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration SWAP_PERIOD = Duration.ofSeconds(2);
    private static final Duration JOB_PERIOD = Duration.ofSeconds(15);
    private static final Duration RECOVERY = Duration.ofMinutes(2);
    private static final Duration SETTLE = Duration.ofMinutes(5);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final double MAX_GROWTH = 1.25;
    private static final long MORE_DESCRIPTORS = 64;
    /** A process that has just started still grows: of a shorter run memory is told, not judged. */
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(10);

    private final ChaosOptions options;
    private final ChaosStack stack;
    private final NumberedAdapters adapters;
    private final Announcer announcer;
    private final Announced announced;
    private final Askers askers;
    private final Pupils pupils;
    private final Map<Fault, Tally> tallies = new EnumMap<>(Fault.class);
    private final List<String> violations = new ArrayList<>();
    private final AtomicBoolean swapping = new AtomicBoolean(true);

    /** What a fault has done, over all its times. */
    private static final class Tally {
        private int times;
        private Duration longest = Duration.ZERO;
        private long right;
        private long noticed;
    }

    private Chaos(
            ChaosOptions options,
            ChaosStack stack,
            NumberedAdapters adapters,
            Announcer announcer,
            Askers askers,
            Pupils pupils) {
        this.options = options;
        this.stack = stack;
        this.adapters = adapters;
        this.announcer = announcer;
        this.announced = new Announced(announcer, adapters);
        this.askers = askers;
        this.pupils = pupils;
    }

    /** Trains the adapters, starts everything and breaks it. */
    public static Results run(ChaosOptions options) {
        try (var stack = new ChaosStack(options.state(), options.model())) {
            System.out.println("training " + NUMBERS + " adapters, each to say its number ...");
            var adapters = NumberedAdapters.train(options.model(), stack.adapters(), NUMBERS);
            System.out.println("starting broker, two trainers, two replicas, two gateways ...");
            stack.start();
            List<String> names = new ArrayList<>(Announced.NAMES);
            names.add(Announced.VICTIM);
            try (var announcer = new Announcer(stack.bootstrapServers());
                    var askers = new Askers(stack.gateways(), names);
                    var pupils = new Pupils(stack.gateways(), JOB_PERIOD)) {
                return new Chaos(options, stack, adapters, announcer, askers, pupils).run();
            }
        }
    }

    private Results run() {
        announced.all();
        announced.victim();
        awaitServed();
        halfLoad();
        pupils.start();
        Thread swaps = Thread.ofPlatform().name("swaps").daemon().start(this::swap);
        pause(WARM_UP);
        Map<String, Long> memoryBefore = memory();
        Map<String, Long> descriptorsBefore = descriptors();

        breakThings();

        boolean ready = stack.awaitReady(RECOVERY);
        if (!ready) {
            violations.add("not ready: " + stack.notReady());
        }
        int notReady = stack.notReady().size();
        pupils.close();
        swapping.set(false);
        join(swaps);
        settle();
        int unfinished = unfinishedJobs();
        // as before, and everything has calmed down
        pause(WARM_UP);
        Map<String, Long> memoryAfter = memory();
        Map<String, Long> descriptorsAfter = descriptors();
        long stuck = askers.finish();
        int notServed = notServed();
        return results(
                notReady, unfinished, notServed, stuck, memoryBefore, memoryAfter, descriptorsBefore, descriptorsAfter);
    }

    /** As much load as half of what the clients get answered when they do not wait. */
    private void halfLoad() {
        askers.start(options.clients());
        long before = askers.right();
        pause(CALIBRATION);
        double each = CALIBRATION.toMillis() / Math.max(1.0, (askers.right() - before) / (double) options.clients());
        askers.pace(Duration.ofMillis((long) each));
        System.out.printf(
                "an answer takes %.0f ms at full load; each client waits as long before it asks again%n", each);
    }

    private void awaitServed() {
        var waiting = new ArrayList<>(announced.last().entrySet());
        long end = System.nanoTime() + RECOVERY.toNanos();
        while (waiting.removeIf(each -> served(each.getKey(), each.getValue())) || !waiting.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new CliException("not served: " + waiting);
            }
            pause(POLL);
        }
    }

    /** Whether both replicas serve it. */
    private boolean served(String adapter, String version) {
        return stack.gateways().stream()
                .allMatch(gateway ->
                        servedVersion(gateway, adapter).filter(version::equals).isPresent());
    }

    private static Optional<String> servedVersion(URI gateway, String adapter) {
        try {
            return new GatewayClient(gateway).servedVersion(adapter);
        } catch (CliException e) {
            return Optional.empty();
        }
    }

    private void swap() {
        while (swapping.get()) {
            announced.all();
            pause(SWAP_PERIOD);
        }
    }

    private void breakThings() {
        long start = System.nanoTime();
        long end = start + options.duration().toNanos();
        Fault[] faults = Fault.values();
        for (int i = 0; System.nanoTime() < end; i++) {
            Fault fault = faults[i % faults.length];
            long began = System.nanoTime();
            long right = askers.right();
            long noticed = askers.noticed();
            String how = happen(fault, i / faults.length);
            boolean ready = stack.awaitReady(RECOVERY);
            if (!ready) {
                violations.add("%s: not ready after %d s: %s"
                        .formatted(fault.title(), RECOVERY.toSeconds(), stack.notReady()));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            sleepUntil(began + options.every().toNanos());
            Tally tally = tallies.computeIfAbsent(fault, _ -> new Tally());
            tally.times++;
            tally.longest = took.compareTo(tally.longest) > 0 ? took : tally.longest;
            tally.right += askers.right() - right;
            tally.noticed += askers.noticed() - noticed;
            System.out.printf(
                    "%4d s  %-38s %s after %.1f s; %d answers, %d without one; %d jobs accepted%s%n",
                    Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                    fault.title(),
                    ready ? "all ready" : "NOT READY",
                    took.toMillis() / 1000.0,
                    askers.right() - right,
                    askers.noticed() - noticed,
                    pupils.accepted().size(),
                    how);
        }
    }

    private String happen(Fault fault, int round) {
        try {
            fault.happen(new Fault.Scene(stack, announcer, adapters, announced, askers, options.hold(), round));
            return "";
        } catch (RuntimeException e) {
            violations.add("%s could not be done: %s".formatted(fault.title(), e));
            return "; " + e;
        }
    }

    private static void sleepUntil(long nanos) {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            pause(Duration.ofNanos(left));
        }
    }

    // ---- what is left of it ----

    /** A version of each name that the broker has taken for certain, after all that may have been taken. */
    private void settle() {
        long end = System.nanoTime() + RECOVERY.toNanos();
        while (!announced.all() || !announced.victim()) {
            if (System.nanoTime() > end) {
                violations.add("the broker takes no version any more");
                return;
            }
            pause(POLL);
        }
    }

    /** Waits until each accepted job has its one result; one that failed for want of room is handed in again, once. */
    private int unfinishedJobs() {
        var ledger = new Ledger(stack.bootstrapServers(), stack.adapters());
        List<String> again = new ArrayList<>();
        long end = System.nanoTime() + SETTLE.toNanos();
        while (true) {
            Map<String, List<TrainingEvent>> ends = ledger.ends();
            Map<String, String> wrong = new TreeMap<>();
            for (String jobId : pupils.accepted()) {
                List<TrainingEvent> its = ends.getOrDefault(jobId, List.of());
                ledger.wrong(jobId, its).ifPresent(why -> wrong.put(jobId, why));
                boolean failed =
                        !its.isEmpty() && its.getLast() instanceof TrainingEvent.Failed last && last.retryable();
                if (failed && !again.contains(jobId) && pupils.again(jobId)) {
                    again.add(jobId);
                }
            }
            if (wrong.isEmpty() || System.nanoTime() > end) {
                violations.addAll(wrong.values());
                if (!again.isEmpty()) {
                    System.out.println("failed for a while, and handed in again: " + again);
                }
                return wrong.size();
            }
            pause(POLL);
        }
    }

    /** Names that do not answer with the version that the topic names last. */
    private int notServed() {
        Map<String, String> expected = new TreeMap<>(new Ledger(stack.bootstrapServers(), stack.adapters()).served());
        announced.last().forEach((name, version) -> {
            if (!version.equals(expected.get(name))) {
                violations.add(
                        "announced of %s was %s last, the topic has %s".formatted(name, version, expected.get(name)));
            }
        });
        long end = System.nanoTime() + RECOVERY.toNanos();
        List<Map.Entry<String, String>> waiting = new ArrayList<>(expected.entrySet());
        while (waiting.removeIf(each -> served(each.getKey(), each.getValue())) || !waiting.isEmpty()) {
            if (System.nanoTime() > end) {
                waiting.forEach(each -> violations.add("%s is to be served with %s, and is with %s"
                        .formatted(
                                each.getKey(),
                                each.getValue(),
                                stack.gateways().stream()
                                        .map(gateway -> servedVersion(gateway, each.getKey()))
                                        .toList())));
                break;
            }
            pause(POLL);
        }
        return waiting.size();
    }

    private Map<String, Long> memory() {
        Map<String, Long> memory = new TreeMap<>();
        stack.names().forEach(name -> memory.put(name, stack.memory(name)));
        return memory;
    }

    private Map<String, Long> descriptors() {
        Map<String, Long> descriptors = new TreeMap<>();
        stack.names().forEach(name -> descriptors.put(name, stack.descriptors(name)));
        return descriptors;
    }

    private Results results(
            int notReady,
            int unfinished,
            int notServed,
            long stuck,
            Map<String, Long> memoryBefore,
            Map<String, Long> memoryAfter,
            Map<String, Long> descriptorsBefore,
            Map<String, Long> descriptorsAfter) {
        askers.wrong().first().forEach(fault -> System.out.println("WRONG " + fault));
        violations.forEach(violation -> System.out.println("VIOLATION " + violation));
        System.out.println("without an answer: " + new TreeMap<>(askers.kinds()));
        Results results = new Results("chaos")
                .setting("model", options.model().getFileName())
                .setting("clients", options.clients())
                .setting("duration", options.duration())
                .setting("a fault every", options.every())
                .setting("full disk", "a limit of 16 KiB on the files that trainers write");
        tallies.forEach((fault, tally) -> results.row(
                fault.title(),
                Figure.count("times", tally.times),
                Figure.of("all ready after at most", tally.longest.toMillis() / 1000.0, "s"),
                Figure.count("answers", tally.right),
                Figure.count("without an answer", tally.noticed)));
        memoryBefore.forEach((name, before) -> results.row(
                name,
                Figure.memory("memory before", before),
                Figure.memory("memory after", memoryAfter.getOrDefault(name, 0L)),
                Figure.count("descriptors before", descriptorsBefore.get(name)),
                Figure.count("descriptors after", descriptorsAfter.getOrDefault(name, 0L))));
        long moreDescriptors = descriptorsAfter.entrySet().stream()
                .mapToLong(each -> each.getValue() - descriptorsBefore.getOrDefault(each.getKey(), 0L))
                .max()
                .orElse(0);
        results.goal(Goal.atMost(Figure.count("wrong answers", askers.wrong().count()), 0))
                .goal(Goal.atMost(Figure.count("clients left without a word", stuck), 0))
                .goal(Goal.atMost(Figure.count("accepted jobs not trained once", unfinished), 0))
                .goal(Goal.atMost(Figure.count("adapters not served as announced", notServed), 0))
                .goal(Goal.atMost(Figure.count("processes not ready", notReady), 0))
                .goal(Goal.atMost(Figure.count("other violations", violations.size()), 0))
                .goal(Goal.atLeast(Figure.count("answers", askers.right()), 1))
                .goal(Goal.atLeast(
                        Figure.count("accepted jobs", pupils.accepted().size()), 1))
                .goal(Goal.atMost(Figure.count("most descriptors more", moreDescriptors), MORE_DESCRIPTORS));
        double growth = sum(memoryAfter) / (double) sum(memoryBefore);
        var figure = Figure.ratio("after ÷ before", growth);
        results.row("memory of all", figure);
        return options.duration().compareTo(LONG_ENOUGH) < 0 ? results : results.goal(Goal.atMost(figure, MAX_GROWTH));
    }

    private static long sum(Map<String, Long> bytes) {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
