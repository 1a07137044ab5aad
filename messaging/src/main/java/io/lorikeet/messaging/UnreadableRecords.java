package io.lorikeet.messaging;

import io.lorikeet.contracts.Shown;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of a record that cannot be read: it is counted, its place and the reason are logged, and nothing else. */
public final class UnreadableRecords {
    /** The counter that each service has, with a label {@code topic}. */
    public static final String METRIC = "lorikeet.records.unreadable";

    /** What the counter means. */
    public static final String DESCRIPTION = "Records that could not be read and were passed over";

    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);

    private final List<String> topics;
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    /** @param topics that are read, each at 0 */
    public UnreadableRecords(String... topics) {
        this.topics = List.of(topics);
    }

    /** The topics that are read. */
    public List<String> topics() {
        return topics;
    }

    /** Records of a topic that were passed over since the start. */
    public long count(String topic) {
        var count = counts.get(topic);
        return count == null ? 0 : count.sum();
    }

    /** Counts a record that is not what belongs on its topic. */
    public void add(ConsumerRecord<?, ?> record, String why) {
        add(record.topic(), record.partition(), record.offset(), why);
    }

    void add(String topic, int partition, long offset, String why) {
        counts.computeIfAbsent(topic, _ -> new LongAdder()).increment();
        LOG.warn("{}-{}@{} is passed over: {}", topic, partition, offset, Shown.sentence(why));
    }
}
