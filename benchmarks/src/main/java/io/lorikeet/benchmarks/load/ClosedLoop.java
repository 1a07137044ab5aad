package io.lorikeet.benchmarks.load;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * Clients that each ask again as soon as they have their answer. Every answer is checked: it must be whole, by the adapter
 * that was asked, and say the number of the version that it names.
 */
public final class ClosedLoop implements AutoCloseable {
    private final URI service;
    private final List<String> adapters;
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicReference<Samples> gaps = new AtomicReference<>(new Samples());
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();
    private final Faults failed = new Faults();
    private final Faults wrong = new Faults();

    /** Asks these adapters, all alike. */
    public ClosedLoop(URI service, List<String> adapters) {
        this.service = service;
        this.adapters = List.copyOf(adapters);
    }

    /** Starts so many clients. */
    public void start(int count) {
        for (int i = 0; i < count; i++) {
            clients.add(Thread.ofVirtual().name("client-" + i).start(this::run));
        }
    }

    private void run() {
        var random = RandomGenerator.getDefault();
        try (var client = new ChatClient(service)) {
            while (!stopped.get()) {
                String adapter = adapters.get(random.nextInt(adapters.size()));
                // gaps count where the answer began
                Samples into = gaps.get();
                attempt(adapter, client, into);
            }
        }
    }

    private void attempt(String adapter, ChatClient client, Samples into) {
        try {
            check(adapter, client.ask(adapter, NumberedAdapters.ANSWER_TOKENS), into);
        } catch (RuntimeException e) {
            failed.add(adapter + ": " + e);
        }
    }

    /** Counts an answer, and what is wrong with it. */
    public void check(String asked, StreamedAnswer answer, Samples into) {
        answers.incrementAndGet();
        tokens.addAndGet(answer.arrivals().size());
        for (int i = 1; i < answer.arrivals().size(); i++) {
            into.add((answer.arrivals().get(i) - answer.arrivals().get(i - 1)) / 1e6);
        }
        if (answer.status() != 200 || answer.finishReason().isEmpty()) {
            failed.add(asked + ": status " + answer.status() + ", " + answer.text());
        } else if (!answer.adapter().filter(asked::equals).isPresent() || !answer.provesItsVersion()) {
            wrong.add("asked " + asked + ", answered " + answer.adapter() + " " + answer.version() + ": "
                    + answer.text() + " (" + answer.finishReason() + ")");
        }
    }

    /** From now on the times between tokens, in milliseconds, go there. */
    public void gapsInto(Samples samples) {
        gaps.set(samples);
    }

    public long answers() {
        return answers.get();
    }

    public long tokens() {
        return tokens.get();
    }

    /** Requests that were not answered. */
    public Faults failed() {
        return failed;
    }

    /** Answers by another adapter, another version, or a mixture. */
    public Faults wrong() {
        return wrong;
    }

    /** Lets every client finish its answer. */
    @Override
    public void close() {
        stopped.set(true);
        for (Thread client : clients) {
            try {
                client.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
