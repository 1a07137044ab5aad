package io.lorikeet.gateway.kafka;

import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** How far a topic has been read: whether everything that it held at start is known, and whether a record is. */
public final class TopicProgress {
    private record Waiter(TopicPartition partition, long offset, Runnable seen) {}

    private final String topic;
    private final Map<TopicPartition, Long> read = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private Map<TopicPartition, Long> lastAtStart;
    private String trouble = "its end is not known yet";
    private long records;

    /** Nothing read yet. */
    public TopicProgress(String topic) {
        this.topic = topic;
    }

    /** Its name. */
    public String topic() {
        return topic;
    }

    /** Takes the offset of the last record of each partition that holds one: what has to be read before all is known. */
    public synchronized void startedAt(Map<TopicPartition, Long> last) {
        lastAtStart = Map.copyOf(last);
    }

    /** Takes why the end of the topic cannot be found. */
    public synchronized void trouble(String why) {
        trouble = why;
    }

    /** Takes note of a record that is known from now on. */
    public void read(TopicPartition partition, long offset) {
        var seen = new ArrayList<Runnable>();
        synchronized (this) {
            records++;
            read.merge(partition, offset, Math::max);
            for (Iterator<Waiter> all = waiters.iterator(); all.hasNext(); ) {
                var waiter = all.next();
                if (hasRead(waiter.partition(), waiter.offset())) {
                    all.remove();
                    seen.add(waiter.seen());
                }
            }
        }
        seen.forEach(Runnable::run);
    }

    /** Completes once a record is known. */
    public Uni<Void> until(TopicPartition partition, long offset) {
        return Uni.createFrom().emitter(emitter -> {
            var waiter = new Waiter(partition, offset, () -> emitter.complete(null));
            synchronized (this) {
                if (!hasRead(partition, offset)) {
                    waiters.add(waiter);
                    emitter.onTermination(() -> remove(waiter));
                    return;
                }
            }
            emitter.complete(null);
        });
    }

    /** Whether everything is known that the topic held at start. */
    public synchronized boolean replayed() {
        return lastAtStart != null && missing() == 0;
    }

    /** The state in words. */
    public synchronized String describe() {
        if (lastAtStart == null) {
            return trouble;
        }
        var missing = missing();
        return missing == 0
                ? records + " records read"
                : records + " records read, " + missing + " of " + lastAtStart.size() + " partitions behind the end";
    }

    private synchronized void remove(Waiter waiter) {
        waiters.remove(waiter);
    }

    private long missing() {
        return lastAtStart.entrySet().stream()
                .filter(last -> !hasRead(last.getKey(), last.getValue()))
                .count();
    }

    private boolean hasRead(TopicPartition partition, long offset) {
        return read.getOrDefault(partition, -1L) >= offset;
    }
}
