package io.lorikeet.messaging;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a topic has been read: whether everything is known that it held at start, and whether a certain record is. A
 * position counts, not the offset of a record: compaction and transactions leave holes, also at the end of a partition.
 */
public final class TopicProgress {
    /** The reader comes by every second, and waits for a broker for some seconds. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

    private record Waiter(TopicPartition partition, long offset, CompletableFuture<Void> known) {}

    private final String topic;
    private final CountDownLatch replayed = new CountDownLatch(1);
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    /** Ends at start that were not reached yet; null before they are known. */
    private Map<TopicPartition, Long> ahead;

    private long records;
    private OptionalLong lag = OptionalLong.empty();
    private Optional<String> trouble = Optional.of("its end is not known yet");
    private Optional<String> ended = Optional.empty();
    private boolean turning;
    private long turn;

    /** Nothing read yet. */
    public TopicProgress(String topic) {
        this.topic = topic;
    }

    /** Its name. */
    public String topic() {
        return topic;
    }

    /** Whether everything is known that the topic held at start. */
    public boolean replayed() {
        return replayed.getCount() == 0;
    }

    /** The same, waiting for it. */
    public boolean awaitReplay(Duration atMost) throws InterruptedException {
        return replayed.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Completes once a record is known. */
    public synchronized CompletableFuture<Void> until(TopicPartition partition, long offset) {
        if (next.getOrDefault(partition, 0L) > offset) {
            return CompletableFuture.completedFuture(null);
        }
        var waiter = new Waiter(partition, offset, new CompletableFuture<>());
        waiters.removeIf(each -> each.known().isDone());
        waiters.add(waiter);
        return waiter.known();
    }

    /** Records that were not read yet; empty until the broker has said. */
    public synchronized OptionalLong lag() {
        return lag;
    }

    /** Why the topic cannot be read at the moment. */
    public synchronized Optional<String> trouble() {
        return trouble;
    }

    /** Why this topic will not be read any more, until this process starts again. */
    public synchronized Optional<String> dead() {
        if (ended.isPresent()) {
            return ended;
        }
        var silent = Duration.ofNanos(System.nanoTime() - turn);
        return !turning || silent.compareTo(LONGEST_SILENCE) < 0
                ? Optional.empty()
                : Optional.of("its reader has been stuck for " + silent.toSeconds() + " s");
    }

    /** The state in words. */
    public synchronized String describe() {
        if (ended.isPresent()) {
            return ended.get();
        }
        if (ahead == null || (trouble.isPresent() && !replayed())) {
            return trouble.orElse("not read yet");
        }
        return ahead.isEmpty()
                ? records + " records read"
                : records + " records read, " + ahead.size() + " partitions behind the end";
    }

    // told by the reader

    synchronized boolean begun() {
        return ahead != null;
    }

    /** The ends of the partitions, once. */
    synchronized void begin(Map<TopicPartition, Long> ends) {
        ahead = new HashMap<>(ends);
    }

    /** The reader is about to look for records. */
    synchronized void turn() {
        turning = true;
        turn = System.nanoTime();
    }

    /** Everything before {@code position} is known. */
    void reached(TopicPartition partition, long position) {
        var known = new ArrayList<Waiter>();
        synchronized (this) {
            next.put(partition, position);
            trouble = Optional.empty();
            waiters.removeIf(
                    waiter -> waiter.partition().equals(partition) && waiter.offset() < position && known.add(waiter));
            if (ahead.getOrDefault(partition, Long.MAX_VALUE) <= position) {
                ahead.remove(partition);
            }
        }
        known.forEach(waiter -> waiter.known().complete(null));
    }

    synchronized boolean atEnd() {
        return ahead != null && ahead.isEmpty();
    }

    void replayIsOver() {
        replayed.countDown();
    }

    synchronized void read() {
        records++;
    }

    synchronized void lag(OptionalLong records) {
        lag = records;
    }

    /** Returns whether it is another one than before. */
    synchronized boolean trouble(String why) {
        boolean news = !trouble.equals(Optional.of(why));
        trouble = Optional.of(why);
        return news;
    }

    synchronized void ended(String why) {
        ended = Optional.of(why);
    }
}
