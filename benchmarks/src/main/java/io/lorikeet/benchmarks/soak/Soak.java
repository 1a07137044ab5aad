package io.lorikeet.benchmarks.soak;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.load.ChatClient;
import io.lorikeet.benchmarks.load.ClosedLoop;
import io.lorikeet.benchmarks.load.Faults;
import io.lorikeet.benchmarks.load.NumberedAdapters;
import io.lorikeet.benchmarks.load.Samples;
import io.lorikeet.benchmarks.load.ServedInference;
import io.lorikeet.benchmarks.load.StreamedAnswer;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Runs a service under mixed load: clients that wait and clients that hang up, swaps, adapters that come and go, malformed
 * requests and malformed events. Afterwards nothing may be left of it.
 */
public final class Soak {
    private static final Duration SWAP_PERIOD = Duration.ofMillis(300);
    private static final Duration BAD_EVENT_PERIOD = Duration.ofMillis(700);
    private static final Duration BAD_REQUEST_PERIOD = Duration.ofMillis(50);
    private static final Duration GUEST_PERIOD = Duration.ofMillis(1500);
    private static final Duration SAMPLE_PERIOD = Duration.ofSeconds(1);
    private static final Duration DRAIN = Duration.ofSeconds(30);
    private static final int LONGEST_PATIENCE = 8;
    private static final double MAX_GROWTH = 1.02;
    private static final List<String> NAMES =
            IntStream.range(0, 4).mapToObj(i -> "adapter-" + i).toList();
    /** Retired and brought back all the time, so asking it may find nobody. */
    private static final String GUEST = "guest";

    private static final int ASIDE = 5;

    private final SoakOptions options;
    private final NumberedAdapters adapters;
    private final ServedInference service;
    private final ClosedLoop load;
    private final AtomicLong serial = new AtomicLong();
    private final AtomicLong hungUp = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong badEvents = new AtomicLong();
    private final AtomicLong retired = new AtomicLong();
    private final AtomicLong guestAnswers = new AtomicLong();
    private final Faults broken = new Faults();
    private final List<Long> resident = new ArrayList<>();
    private volatile boolean stopped;

    private Soak(SoakOptions options, NumberedAdapters adapters, ServedInference service, ClosedLoop load) {
        this.options = options;
        this.adapters = adapters;
        this.service = service;
        this.load = load;
    }

    /** Trains the adapters, starts the service and runs all of it. */
    public static Results run(SoakOptions options) {
        System.out.println("training " + options.numbers() + " adapters, each to say its number ...");
        var adapters = NumberedAdapters.train(options.model(), options.state().resolve("adapters"), options.numbers());
        Map<String, String> settings = Map.of(
                "LORIKEET_MAX_NUM_SEQS", Integer.toString(options.clients() + 2),
                "LORIKEET_MAX_LORAS", Integer.toString(NAMES.size() + 4));
        try (var service = ServedInference.start(options.state(), options.model(), adapters.root(), settings);
                var load = new ClosedLoop(service.address(), NAMES)) {
            return new Soak(options, adapters, service, load).run();
        }
    }

    private Results run() {
        NAMES.forEach(this::publishNext);
        publishNext(GUEST);
        awaitServed();
        load.start(options.clients());
        try (var aside = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> running = List.of(
                    CompletableFuture.runAsync(this::swap, aside),
                    CompletableFuture.runAsync(this::comeAndGo, aside),
                    CompletableFuture.runAsync(this::askTheGuest, aside),
                    CompletableFuture.runAsync(this::hangUp, aside),
                    CompletableFuture.runAsync(this::sendBadRequests, aside),
                    CompletableFuture.runAsync(this::sendBadEvents, aside));
            sampleMemory();
            stopped = true;
            running.forEach(CompletableFuture::join);
        }
        load.close();
        double left = drained();
        everySlotAnswers();
        return results(left);
    }

    private void publishNext(String name) {
        long number = serial.getAndIncrement();
        List<Integer> numbers = adapters.numbers();
        service.publish(adapters.event(name, number, numbers.get((int) (number % numbers.size()))));
    }

    private void awaitServed() {
        try (var client = new ChatClient(service.address())) {
            for (String name : NAMES) {
                while (client.ask(name, 1).status() != 200) {
                    pause(Duration.ofMillis(20));
                }
            }
        }
    }

    // ---- what happens all the time ----

    private void swap() {
        for (int i = 0; !stopped; i++) {
            publishNext(NAMES.get(i % NAMES.size()));
            pause(SWAP_PERIOD);
        }
    }

    private void comeAndGo() {
        while (!stopped) {
            publishNext(GUEST);
            pause(GUEST_PERIOD);
            service.publish(GUEST, null);
            retired.incrementAndGet();
            pause(GUEST_PERIOD);
        }
    }

    private void askTheGuest() {
        every(Duration.ofMillis(20), client -> {
            StreamedAnswer answer = client.ask(GUEST, NumberedAdapters.ANSWER_TOKENS);
            if (answer.status() == 200) {
                guestAnswers.incrementAndGet();
                load.check(GUEST, answer, new Samples());
            } else if (answer.status() != 404) {
                broken.add("the guest's status was " + answer.status() + ": " + answer.text());
            }
        });
    }

    private void hangUp() {
        var random = RandomGenerator.getDefault();
        every(Duration.ZERO, client -> {
            int patience = random.nextInt(LONGEST_PATIENCE);
            StreamedAnswer answer =
                    client.ask(NAMES.get(random.nextInt(NAMES.size())), NumberedAdapters.ANSWER_TOKENS, patience);
            if (answer.status() != 200) {
                broken.add("a client that hangs up got status " + answer.status() + ": " + answer.text());
            }
            hungUp.incrementAndGet();
        });
    }

    private void sendBadRequests() {
        List<Trouble.BadRequest> requests = Trouble.requests(NAMES.getFirst());
        every(BAD_REQUEST_PERIOD, client -> {
            Trouble.BadRequest request = requests.get((int) (refused.getAndIncrement() % requests.size()));
            int status = client.post(request.body());
            if (status != request.status()) {
                broken.add("status " + status + " instead of " + request.status() + " for " + request.body());
            }
        });
    }

    private void sendBadEvents() {
        while (!stopped) {
            String name = NAMES.get((int) (badEvents.get() % NAMES.size()));
            List<String> events = Trouble.events(adapters, name, serial.getAndIncrement());
            service.publish(name, events.get((int) (badEvents.getAndIncrement() % events.size())));
            pause(BAD_EVENT_PERIOD);
        }
    }

    private interface Act {
        void with(ChatClient client);
    }

    private void every(Duration period, Act act) {
        try (var client = new ChatClient(service.address())) {
            while (!stopped) {
                try {
                    act.with(client);
                } catch (RuntimeException e) {
                    broken.add(e.toString());
                }
                pause(period);
            }
        }
    }

    private void sampleMemory() {
        long end = System.nanoTime() + options.duration().toNanos();
        while (System.nanoTime() < end) {
            resident.add(service.memory().resident());
            if (resident.size() % 30 == 0) {
                System.out.printf(
                        "%d s: %d answers, %d hung up, %d refused, %d bad events, %d failed, %d wrong, %d MiB%n",
                        resident.size(),
                        load.answers(),
                        hungUp.get(),
                        refused.get(),
                        badEvents.get(),
                        load.failed().count() + broken.count(),
                        load.wrong().count(),
                        resident.getLast() >> 20);
            }
            pause(SAMPLE_PERIOD);
        }
    }

    // ---- what is left of it ----

    /** Waits until no request is in flight; how many are left. */
    private double drained() {
        long end = System.nanoTime() + DRAIN.toNanos();
        double left = inFlight();
        while (left > 0 && System.nanoTime() < end) {
            pause(Duration.ofMillis(100));
            left = inFlight();
        }
        return left;
    }

    private double inFlight() {
        return service.metric("lorikeet_num_requests_running") + service.metric("lorikeet_num_requests_waiting");
    }

    /** As many answers at once as there are slots: one that stuck would be missed. */
    private void everySlotAnswers() {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor();
                var client = new ChatClient(service.address())) {
            IntStream.range(0, options.clients() + 2)
                    .mapToObj(i -> CompletableFuture.runAsync(
                            () -> {
                                String name = NAMES.get(i % NAMES.size());
                                load.check(name, client.ask(name, NumberedAdapters.ANSWER_TOKENS), new Samples());
                            },
                            pool))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
    }

    private Results results(double left) {
        load.failed().first().forEach(fault -> System.out.println("FAILED " + fault));
        load.wrong().first().forEach(fault -> System.out.println("WRONG " + fault));
        broken.first().forEach(fault -> System.out.println("BROKEN " + fault));
        List<String> errors = service.errors();
        errors.stream().limit(ASIDE).forEach(line -> System.out.println("LOGGED " + line));
        double early = median(resident.size() / 4, resident.size() / 2);
        double late = median(3 * resident.size() / 4, resident.size());
        return new Results("soak")
                .setting("model", options.model().getFileName())
                .setting("clients", options.clients())
                .setting("duration", options.duration())
                .row(
                        "load",
                        Figure.count("answers", load.answers()),
                        Figure.count("hung up", hungUp.get()),
                        Figure.count("swaps", serial.get()),
                        Figure.count("retired", retired.get()),
                        Figure.count("guest's answers", guestAnswers.get()),
                        Figure.count("bad requests", refused.get()),
                        Figure.count("bad events", badEvents.get()))
                .row("memory", Figure.memory("second quarter", (long) early), Figure.memory("last quarter", (long)
                        late))
                .goal(Goal.atMost(Figure.count("failed requests", load.failed().count() + broken.count()), 0))
                .goal(Goal.atMost(Figure.count("wrong answers", load.wrong().count()), 0))
                .goal(Goal.atMost(Figure.of("requests in flight afterwards", left, ""), 0))
                .goal(Goal.atMost(Figure.count("errors in the log", errors.size()), 0))
                .goal(Goal.atMost(Figure.ratio("resident memory, last ÷ second quarter", late / early), MAX_GROWTH));
    }

    private double median(int from, int to) {
        var samples = new Samples();
        resident.subList(from, to).forEach(samples::add);
        return samples.median();
    }
}
