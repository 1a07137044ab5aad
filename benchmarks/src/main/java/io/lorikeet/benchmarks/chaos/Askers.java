package io.lorikeet.benchmarks.chaos;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.load.ChatClient;
import io.lorikeet.benchmarks.load.Faults;
import io.lorikeet.benchmarks.load.NumberedAdapters;
import io.lorikeet.benchmarks.load.StreamedAnswer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Clients of both gateways. Each answer is right, or its client notices that it got none: a status, a connection that broke,
 * an end without a finish reason. What is neither is wrong.
 */
final class Askers implements AutoCloseable {
    /** A gateway gives up a silent replica after two minutes, and tells. */
    private static final Duration LONGEST_ANSWER = Duration.ofMinutes(4);

    private final List<URI> gateways;
    private final List<String> adapters;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong right = new AtomicLong();
    private final AtomicLong noticed = new AtomicLong();
    private final Map<String, Long> kinds = new TreeMap<>();
    private final Faults wrong = new Faults();
    private volatile Duration pause = Duration.ZERO;
    private volatile boolean stopped;

    Askers(List<URI> gateways, List<String> adapters) {
        this.gateways = List.copyOf(gateways);
        this.adapters = List.copyOf(adapters);
    }

    void start(int clients) {
        for (int i = 0; i < clients; i++) {
            URI gateway = gateways.get(i % gateways.size());
            threads.add(Thread.ofVirtual().name("asker-" + i).start(() -> run(gateway)));
        }
    }

    /** From now on each client waits so long before it asks again. */
    void pace(Duration wait) {
        pause = wait;
    }

    private void run(URI gateway) {
        var random = RandomGenerator.getDefault();
        try (var client = new ChatClient(gateway)) {
            while (!stopped) {
                ask(client, adapters.get(random.nextInt(adapters.size())), Integer.MAX_VALUE);
                pause(pause);
            }
        }
    }

    /** Asks once, and judges; a client that hangs up takes what came for granted. */
    void ask(ChatClient client, String adapter, int patience) {
        try {
            judge(adapter, client.ask(adapter, NumberedAdapters.ANSWER_TOKENS, patience), patience);
        } catch (RuntimeException e) {
            noticed(e.getClass().getSimpleName());
            // a service that is away refuses at once
            pause(Duration.ofMillis(200));
        }
    }

    private void judge(String asked, StreamedAnswer answer, int patience) {
        if (answer.status() != 200) {
            noticed("status " + answer.status());
            pause(Duration.ofMillis(200));
        } else if (answer.arrivals().size() >= patience) {
            noticed("hung up");
        } else if (answer.finishReason().isEmpty()) {
            noticed("broke off");
        } else if (answer.adapter().filter(asked::equals).isPresent() && answer.provesItsVersion()) {
            right.incrementAndGet();
        } else {
            wrong.add("asked %s, answered %s %s: %s (%s)"
                    .formatted(asked, answer.adapter(), answer.version(), answer.text(), answer.finishReason()));
        }
    }

    private void noticed(String kind) {
        noticed.incrementAndGet();
        synchronized (kinds) {
            kinds.merge(kind, 1L, Long::sum);
        }
    }

    long right() {
        return right.get();
    }

    /** Requests without an answer whose clients know that. */
    long noticed() {
        return noticed.get();
    }

    /** The same by what they saw. */
    Map<String, Long> kinds() {
        synchronized (kinds) {
            return Map.copyOf(kinds);
        }
    }

    Faults wrong() {
        return wrong;
    }

    /** Lets every client finish; how many never do. */
    long finish() {
        stopped = true;
        long end = System.nanoTime() + LONGEST_ANSWER.toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
        return threads.stream().filter(Thread::isAlive).count();
    }

    @Override
    public void close() {
        stopped = true;
        threads.forEach(Thread::interrupt);
    }
}
