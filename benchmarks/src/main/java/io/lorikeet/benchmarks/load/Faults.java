package io.lorikeet.benchmarks.load;

import java.util.ArrayList;
import java.util.List;

/** What went wrong under load: counted, the first few kept. Thread-safe. */
public final class Faults {
    private static final int KEPT = 10;

    private final List<String> first = new ArrayList<>();
    private long count;

    public synchronized void add(String fault) {
        count++;
        if (first.size() < KEPT) {
            first.add(fault);
        }
    }

    public synchronized long count() {
        return count;
    }

    public synchronized List<String> first() {
        return List.copyOf(first);
    }
}
