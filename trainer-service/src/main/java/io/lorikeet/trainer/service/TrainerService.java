package io.lorikeet.trainer.service;

import io.lorikeet.contracts.Topics;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.messaging.BrokerWatch;
import io.lorikeet.messaging.KafkaConnection;
import io.lorikeet.messaging.Refusal;
import io.lorikeet.messaging.UnreadableRecords;
import io.lorikeet.store.AdapterStore;
import io.lorikeet.trainer.dataset.RowCache;
import io.lorikeet.trainer.events.EventPublisher;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.job.JobRunner;
import io.lorikeet.trainer.job.Workplace;
import io.lorikeet.trainer.queue.CommandQueue;
import io.lorikeet.trainer.queue.QueueSettings;
import io.lorikeet.trainer.queue.QueueSetup;
import io.lorikeet.trainer.queue.Work;
import io.lorikeet.trainer.retention.Pruner;
import io.lorikeet.trainer.retention.Retention;
import io.lorikeet.trainer.run.RunObserver;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;
import software.amazon.awssdk.services.s3.S3Client;

/** Starts the parts of the trainer in order, and stops them in the other. */
@ApplicationScoped
class TrainerService {
    private static final Logger LOG = Logger.getLogger(TrainerService.class);

    /** Where tokenised rows are kept, in the adapters root. No adapter has such a name. */
    private static final String DATASETS = ".datasets";

    private static final Duration BROKER_RETRY = Duration.ofSeconds(1);

    private final TrainerConfig config;
    private final Map<String, Object> kafka;
    private final TrainingMetrics metrics;
    private final Instance<S3Client> s3;

    private volatile State state = new State.Connecting(Optional.empty());
    private final BrokerWatch broker;
    private volatile boolean stopping;
    private KafkaProducer<byte[], byte[]> producer;
    private EventPublisher events;
    private AdapterStore store;
    private Retention retention;
    private Housekeeping housekeeping;
    private Thread starter;

    /** How far the start has come. */
    sealed interface State {
        record Connecting(Optional<String> problem) implements State {}

        /**
         * Commands are taken.
         *
         * @param checks the queue of dry runs
         */
        record Running(CommandQueue queue, CommandQueue checks) implements State {}
    }

    TrainerService(
            TrainerConfig config,
            @Identifier(KafkaConnection.NAME) Map<String, Object> kafka,
            TrainingMetrics metrics,
            Instance<S3Client> s3) {
        this.broker = new BrokerWatch(kafka);
        this.s3 = s3;
        this.config = config;
        this.kafka = kafka;
        this.metrics = metrics;
    }

    State state() {
        return state;
    }

    BrokerWatch broker() {
        return broker;
    }

    void start(@Observes StartupEvent event) {
        Optional<String> problem = problem();
        if (problem.isPresent()) {
            LOG.error(problem.get());
            // nothing has begun that would have to end, and ending half a start in order adds errors of its own to the
            // reason
            Runtime.getRuntime().halt(1);
            return;
        }
        metrics.watch(broker);
        broker.start();
        starter = Thread.ofPlatform().name("trainer-start").daemon().start(this::connect);
    }

    /** What a person has to put right before this trainer can do anything. */
    private Optional<String> problem() {
        try {
            Files.createDirectories(config.adaptersRoot());
        } catch (IOException e) {
            return Optional.of(
                    "lorikeet.adapters-root: cannot make the folder %s: %s".formatted(config.adaptersRoot(), e));
        }
        try {
            // a trainer fetches nothing, so no copies lie here
            store = AdapterStore.open(config.adaptersStore(), config.adaptersRoot(), 0, s3::get);
        } catch (IllegalArgumentException e) {
            return Optional.of("lorikeet.adapters-store: " + e.getMessage());
        }
        try {
            retention = new Retention(
                    config.retention().versions(),
                    config.retention().checkpoints(),
                    config.retention().runs(),
                    config.retention().jobs());
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
        if (!Files.isDirectory(config.dataRoot())) {
            return Optional.of("lorikeet.data-root: there is no folder " + config.dataRoot());
        }
        if (config.model().isPresent()) {
            Path model = config.model().get();
            try (ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
                LOG.infof("Default base model %s, %s", model, checkpoint.fingerprint());
            } catch (EngineException e) {
                return Optional.of("lorikeet.model: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private void connect() {
        QueueSettings settings = settings(Work.TRAININGS, Topics.TRAINERS);
        QueueSettings checking = settings(Work.CHECKS, Topics.CHECKERS);
        while (!stopping) {
            try {
                QueueSetup.apply(settings);
                QueueSetup.apply(checking);
                break;
            } catch (ExecutionException | KafkaException e) {
                connecting(e);
                pause(Refusal.of(e, kafka).isPresent() ? Refusal.RETRY : BROKER_RETRY);
            } catch (InterruptedException e) {
                return;
            }
        }
        synchronized (this) {
            if (stopping) {
                return;
            }
            producer = new KafkaProducer<>(producerSettings(), new ByteArraySerializer(), new ByteArraySerializer());
            events = new EventPublisher(producer);
            var workplace = new Workplace(
                    config.model(),
                    Roots.of(config.dataRoot(), config.modelsRoot(), config.adaptersRoot()),
                    config.adaptersRoot(),
                    store,
                    config.device(),
                    config.dtype(),
                    RowCache.in(
                            config.adaptersRoot().resolve(DATASETS),
                            config.datasetCache().size().asLongValue()),
                    new Sharing(Sharing.directory(config.baseShare()), config.deviceShare()));
            housekeeping = new Housekeeping(
                    kafka, served -> new Pruner(config.adaptersRoot(), store, retention, served, Clock.systemUTC()));
            CommandQueue queue = queue(settings, workplace, metrics, metrics.unreadable());
            // they may run beside a training, of which alone metrics and heartbeat tell; what they cannot read, the
            // other counts
            CommandQueue checks = queue(checking, workplace, RunObserver.NONE, new UnreadableRecords(Topics.COMMANDS));
            if (config.retention().automatic()) {
                housekeeping.start();
            }
            state = new State.Running(queue, checks);
            LOG.infof("Taking commands from %s as one of %s", settings.commands(), settings.group());
        }
    }

    /** Why no command is taken yet; said once, if it stays the same. */
    private void connecting(Exception failure) {
        Optional<Refusal> refusal = Refusal.of(failure, kafka);
        String why = refusal.map(Refusal::why)
                .orElseGet(() -> "broker %s: %s".formatted(kafka.get("bootstrap.servers"), cause(failure)));
        if (!state.equals(new State.Connecting(Optional.of(why)))
                && refusal.map(Refusal::ofRights).orElse(true)) {
            LOG.warnf("%s; trying on", why);
        }
        state = new State.Connecting(Optional.of(why));
    }

    private void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the stop is seen by the next who waits
        }
    }

    private Map<String, Object> producerSettings() {
        Map<String, Object> producer = new HashMap<>(kafka);
        producer.put("acks", "all");
        producer.put("enable.idempotence", true);
        // an event waits for the broker as long as it takes; only the end of the process makes it give up
        producer.put("delivery.timeout.ms", Integer.MAX_VALUE);
        producer.put("max.block.ms", Long.MAX_VALUE);
        return producer;
    }

    private QueueSettings settings(Work work, String group) {
        return new QueueSettings(
                work,
                kafka,
                group,
                Topics.COMMANDS,
                Topics.COMMANDS_DLQ,
                config.queue().maxDeliveries(),
                config.queue().retryDelay(),
                config.queue().shutdownGrace());
    }

    private CommandQueue queue(
            QueueSettings settings, Workplace workplace, RunObserver observer, UnreadableRecords unreadable) {
        var jobs = new JobRunner(workplace, config.queue().maxTries(), events, observer);
        var counted = new CountedJobs(jobs, metrics, housekeeping::jobEnded);
        var queue = new CommandQueue(settings, counted, producer, unreadable);
        queue.start();
        return queue;
    }

    private static String cause(Exception e) {
        return e.getCause() == null ? e.toString() : e.getCause().toString();
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        broker.close();
        if (starter != null) {
            starter.interrupt();
        }
        synchronized (this) {
            if (state instanceof State.Running(CommandQueue queue, CommandQueue checks)) {
                housekeeping.close();
                // each gives its command back; neither waits for the other to begin
                Thread other = Thread.ofVirtual().start(checks::close);
                queue.close();
                try {
                    other.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                events.close();
                producer.close(Duration.ofSeconds(5));
            }
        }
    }
}
