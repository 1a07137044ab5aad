package io.lorikeet.engine.program;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps as captured graphs: a decode step is hundreds of small pieces of work, and handing them to the device one by
 * one takes longer than doing them. A step runs as it is the first time, which makes ready what must not be captured; the
 * second time it is captured; from then on it is launched as one. What cannot be captured goes on running as it is.
 *
 * @param <K> what tells steps apart: equal keys do the same work at the same addresses
 */
final class StepGraphs<K> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StepGraphs.class);

    /** A captured step. */
    interface Graph extends AutoCloseable {
        void launch();

        @Override
        void close();
    }

    /** Captures what a step would do. */
    interface Capturer {
        Graph capture(Runnable step);
    }

    private final Capturer capturer;
    private final int limit;
    /** In the order of their last use. Empty until the second use. */
    private final Map<K, Entry> steps = new LinkedHashMap<>(16, 0.75f, true);

    private long launches;
    private long failures;

    private static final class Entry {
        Graph graph;
        boolean impossible;
    }

    /** @param limit graphs kept at once; beyond, the one not used for longest goes */
    StepGraphs(Capturer capturer, int limit) {
        this.capturer = capturer;
        this.limit = limit;
    }

    void run(K key, Consumer<K> work) {
        run(key, () -> work.accept(key));
    }

    private void run(K key, Runnable step) {
        Entry entry = steps.get(key);
        if (entry == null) {
            makeRoom();
            steps.put(key, new Entry());
            step.run();
            return;
        }
        if (entry.graph == null && !entry.impossible) {
            capture(key, entry, step);
        }
        if (entry.graph == null) {
            step.run();
        } else {
            entry.graph.launch();
            launches++;
        }
    }

    private void capture(K key, Entry entry, Runnable step) {
        try {
            entry.graph = capturer.capture(step);
        } catch (RuntimeException e) {
            entry.impossible = true;
            if (failures++ == 0) {
                LOG.warn("a step cannot be captured as a CUDA graph and runs slower: {}", key, e);
            }
        }
    }

    private void makeRoom() {
        if (steps.size() >= limit) {
            var oldest = steps.entrySet().iterator();
            Entry entry = oldest.next().getValue();
            oldest.remove();
            close(entry);
        }
    }

    private static void close(Entry entry) {
        if (entry.graph != null) {
            entry.graph.close();
        }
    }

    GraphCounts counts() {
        return new GraphCounts(launches, failures);
    }

    @Override
    public void close() {
        steps.values().forEach(StepGraphs::close);
        steps.clear();
    }
}
