package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Topics;
import io.lorikeet.inference.ServedModel;
import io.lorikeet.messaging.BrokerWatch;
import io.lorikeet.messaging.RecordHandler;
import io.lorikeet.messaging.Refusal;
import io.lorikeet.messaging.TopicFollower;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.TraceHeaders;
import io.lorikeet.messaging.UnreadableRecords;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/** Reads the whole checkpoint topic at each start, then what comes; the topic is the list of what is served. */
@ApplicationScoped
public class CheckpointConsumer implements RecordHandler {
    private static final Logger LOG = Logger.getLogger(CheckpointConsumer.class);
    private static final Duration BROKER_RETRY = Duration.ofSeconds(1);

    private final Map<String, Object> connection;
    private final CheckpointTopic topic;
    private final CheckpointReader reader;
    private final CheckpointReplay replay;
    private final TopicProgress progress = new TopicProgress(Topics.CHECKPOINTS);
    private final UnreadableRecords unreadable = new UnreadableRecords(Topics.CHECKPOINTS);
    private final TopicFollower follower;
    private final BrokerWatch broker;
    private volatile boolean stopped;
    private volatile String trouble;

    @Inject
    CheckpointConsumer(
            @Identifier("default-kafka-broker") Map<String, Object> connection,
            CheckpointReplay replay,
            ServedModel base) {
        this.connection = connection;
        this.topic = new CheckpointTopic(connection);
        this.reader = new CheckpointReader(base.id());
        this.replay = replay;
        this.broker = new BrokerWatch(connection);
        this.follower = new TopicFollower(progress, connection, this, unreadable);
    }

    /** How far the topic was read. */
    public TopicProgress progress() {
        return progress;
    }

    /** Whether the broker answers. */
    public BrokerWatch broker() {
        return broker;
    }

    /** Records that nobody could read. */
    public UnreadableRecords unreadable() {
        return unreadable;
    }

    /** Why the topic cannot be read now. */
    public Optional<String> trouble() {
        return trouble == null ? progress.trouble() : Optional.of(trouble);
    }

    /** Why this replica will not hear of a checkpoint any more. */
    public Optional<String> dead() {
        return progress.dead();
    }

    void start(@Observes StartupEvent event) {
        trouble = "its broker was not asked yet";
        broker.start();
        Thread.ofVirtual().name("checkpoint-topic").start(this::awaitTopic);
    }

    /** Keeps trying: the broker may come later than the replica. */
    private void awaitTopic() {
        while (!stopped) {
            Duration pause = BROKER_RETRY;
            try {
                topic.require();
                trouble = null;
                follower.start();
                return;
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                var cause = e.getCause() == null ? e : e.getCause();
                var refusal = Refusal.of(cause, connection);
                var why = refusal.map(Refusal::why).orElseGet(() -> String.valueOf(cause.getMessage()));
                if (!why.equals(trouble) && refusal.map(Refusal::ofRights).orElse(true)) {
                    LOG.errorf("the checkpoint topic cannot be replayed, trying on: %s", why);
                }
                trouble = why;
                pause = refusal.isPresent() ? Refusal.RETRY : BROKER_RETRY;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Override
    public void record(ConsumerRecord<byte[], byte[]> record) {
        try (var _ = TraceHeaders.read(record.headers()).makeCurrent()) {
            reader.read(record)
                    .ifPresentOrElse(
                            change -> replay.accept(record.offset(), change),
                            () -> replay.passOver(record.offset(), Optional.empty()));
        } catch (ContractException e) {
            replay.passOver(record.offset(), reader.refusal(record, e));
            throw e;
        }
    }

    @Override
    public void replayed() {
        replay.end();
    }

    @PreDestroy
    void stop() {
        stopped = true;
        follower.close();
        broker.close();
    }
}
