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
        LOG.warn("{} is passed over: {}", place(topic, partition, offset), Shown.sentence(why));
    }

    private static String place(String topic, int partition, long offset) {
        return topic + "-" + partition + "@" + offset;
    }

    /** Those that a topic held when its reader began: all are counted, and told in one line at the end. */
    final class AtStart {
        private final String topic;
        private long passedOver;
        private String first;

        AtStart(String topic) {
            this.topic = topic;
        }

        void add(int partition, long offset, String why) {
            counts.computeIfAbsent(topic, _ -> new LongAdder()).increment();
            if (passedOver++ == 0) {
                first = place(topic, partition, offset) + ": " + Shown.sentence(why);
            }
        }

        void tell() {
            if (passedOver > 0) {
                LOG.warn(
                        "{} records of {} cannot be read and were passed over, the first at {}",
                        passedOver,
                        topic,
                        first);
            }
        }
    }
}
