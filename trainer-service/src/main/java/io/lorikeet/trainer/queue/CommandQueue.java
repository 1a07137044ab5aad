package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.messaging.Refusal;
import io.lorikeet.messaging.UnreadableRecords;
import io.lorikeet.trainer.run.RunControl;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/**
 * Takes commands from the share group, one at a time, and keeps each until its job is done.
 *
 * <p>One thread owns the consumer; the job runs on another, so that the lease can be renewed meanwhile. Shutdown is a
 * flag and short polls: a {@code wakeup()} would abort the very release that hands the job over.
 */
public final class CommandQueue implements AutoCloseable {
    static final Logger LOG = Logger.getLogger(CommandQueue.class);

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final long TICK_MS = 100;
    private static final Duration AFRESH = Duration.ofSeconds(1);
    private static final Duration REPLAY = Duration.ofSeconds(30);
    private static final Duration LAST_PASS = Duration.ofSeconds(10);
    /** Far beyond what shutdowns and outages cost a long job: whoever takes this command dies before a try begins. */
    private static final int MOST_DELIVERIES = 1_000;

    private final QueueSettings settings;
    private final JobHandler handler;
    private final Letters letters;
    private final CancelWatch cancels;
    private final UnreadableRecords unreadable;
    private final QueueHealth health = new QueueHealth();
    private final Thread owner;
    private final ExecutorService jobs;
    private volatile boolean stopping;

    /**
     * A queue that does not run yet.
     *
     * @param producer writes dead letters, and commands that need a new record; the caller closes it
     * @param unreadable counts the records that are no commands
     */
    public CommandQueue(
            QueueSettings settings,
            JobHandler handler,
            Producer<byte[], byte[]> producer,
            UnreadableRecords unreadable) {
        this.settings = settings;
        this.handler = handler;
        this.letters = new Letters(producer, settings.deadLetters());
        this.cancels = new CancelWatch(settings, unreadable);
        this.unreadable = unreadable;
        boolean trains = settings.work() == Work.TRAININGS;
        this.owner = Thread.ofPlatform()
                .name(trains ? "command-queue" : "check-queue")
                .unstarted(this::loop);
        this.jobs = Executors.newSingleThreadExecutor(Thread.ofPlatform()
                .name(trains ? "training-job" : "check")
                .daemon()
                .factory());
    }

    public void start() {
        cancels.start();
        owner.start();
    }

    public QueueHealth health() {
        return health;
    }

    /** Why cancels are not heard of any more. */
    public Optional<String> deaf() {
        return cancels.dead();
    }

    /**
     * Lets a running job come to a stop, gives its command back, ends the loop. Returns only when the job has stopped, also
     * where that takes longer than the grace: a process that ends under a micro-batch that native code computes ends in a crash.
     */
    @Override
    public void close() {
        stopping = true;
        try {
            owner.join(settings.shutdownGrace().plusSeconds(15));
            cancels.close();
            jobs.shutdown();
            while (!jobs.awaitTermination(LAST_PASS.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("Waiting for the micro-batch in hand to end; its command is given back already");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void loop() {
        try {
            while (!stopping) {
                try (var consumer = open()) {
                    consume(consumer);
                } catch (RuntimeException | Error e) {
                    if (e instanceof VirtualMachineError && !(e instanceof StackOverflowError)) {
                        throw e;
                    }
                    // a new consumer breaks nothing of ours: the broker gives our record to it or to another, and one
                    // that no client can unpack it gives up
                    Optional<String> refusal = Refusal.of(e, settings.client()).map(Refusal::why);
                    health.problem(refusal.orElseGet(e::toString));
                    if (refusal.isPresent()) {
                        LOG.errorf("No commands: %s; trying on", refusal.get());
                        rest(Refusal.RETRY);
                    } else {
                        LOG.errorf(e, "The command queue starts over");
                        rest(AFRESH);
                    }
                }
            }
        } catch (InterruptedException e) {
            LOG.info("The command queue was interrupted");
        } finally {
            health.ended();
        }
    }

    private KafkaShareConsumer<byte[], byte[]> open() {
        Map<String, Object> config = new HashMap<>(settings.client());
        config.put("group.id", settings.group());
        config.put("share.acknowledgement.mode", "explicit");
        // one record a poll, not the batch that the broker stored it in: the rest belongs to other trainers
        config.put("share.acquire.mode", "record_limit");
        config.put("max.poll.records", 1);
        return new KafkaShareConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void consume(KafkaShareConsumer<byte[], byte[]> consumer) throws InterruptedException {
        while (!cancels.awaitReplay(REPLAY)) {
            LOG.warnf("Still reading the cancels in %s", settings.commands());
            health.problem("still reading the cancels in " + settings.commands());
            if (stopping) {
                return;
            }
        }
        consumer.subscribe(List.of(settings.commands()));
        boolean held = true;
        while (!stopping && held) {
            health.idle();
            // at most one from each broker of the cluster
            Iterator<ConsumerRecord<byte[], byte[]>> polled =
                    consumer.poll(POLL).iterator();
            if (polled.hasNext()) {
                ConsumerRecord<byte[], byte[]> first = polled.next();
                polled.forEachRemaining(other -> consumer.acknowledge(other, AcknowledgeType.RELEASE));
                held = take(consumer, first);
            }
        }
    }

    /** Returns false if the lease was lost on the way, after which the consumer is made anew. */
    private boolean take(KafkaShareConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record)
            throws InterruptedException {
        var lease = new Lease(consumer, record);
        var delivery = Delivery.of(record);
        TrainingCommand command;
        try {
            command = TrainingCommand.parse(record.value());
        } catch (ContractException e) {
            if (settings.work() == Work.CHECKS) {
                return lease.end(AcknowledgeType.ACCEPT);
            }
            unreadable.add(record, e.getMessage());
            var malformed =
                    JobOutcome.Failed.forGood(e.getMessage(), e.getClass().getName(), whose(record));
            tell(record, malformed);
            return lease.end(deadLetter(record, delivery, malformed, List.of()));
        }
        return switch (command) {
            // the other queue's
            case TrainCommand other when !settings.work().takes(other) -> lease.end(AcknowledgeType.ACCEPT);
            case TrainCommand train -> {
                try (var _ = new JobLog(train)) {
                    yield lease.end(train(train, record, delivery, lease));
                }
            }
            // the watch has told whoever runs the job
            case CancelCommand _ -> lease.end(AcknowledgeType.ACCEPT);
        };
    }

    /** A gateway passes nothing on that it cannot read: then the job that waits is what fails, of a trainer too old for it. */
    private static String whose(ConsumerRecord<byte[], byte[]> record) {
        Header source = record.headers().lastHeader("ce_source");
        boolean checked =
                source != null && Arrays.equals(source.value(), Topics.GATEWAY.getBytes(StandardCharsets.UTF_8));
        return checked ? "trainer" : JobClaim.MALFORMED;
    }

    /** Whatever comes of it, the record is a dead letter. */
    private void tell(ConsumerRecord<byte[], byte[]> record, JobOutcome.Failed malformed) {
        try {
            handler.malformed(record.value(), malformed);
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s-%d@%d: nobody was told", record.topic(), record.partition(), record.offset());
        }
    }

    private AcknowledgeType train(
            TrainCommand command, ConsumerRecord<byte[], byte[]> record, Delivery delivery, Lease lease)
            throws InterruptedException {
        LOG.infof("Job %s: %s, delivery %d", command.jobId(), delivery.record(), delivery.count());
        if (delivery.count() >= MOST_DELIVERIES) {
            var worn = JobOutcome.Failed.forGood(
                    "delivered %d times and never finished".formatted(delivery.count()),
                    IllegalStateException.class.getName(),
                    "queue");
            return giveUp(command, record, delivery, worn, lease);
        }
        if (record.deliveryCount().orElse((short) 1) >= settings.maxDeliveries()) {
            LOG.infof(
                    "Job %s: %s is delivered for the last time; publishing it anew",
                    command.jobId(), delivery.record());
            // the new one first: between the two there are two records of one command, of which one trains
            return letters.again(record, delivery) ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE;
        }
        var control = new RunControl();
        cancels.watch(command.jobId(), delivery, control);
        health.training(command.jobId());
        JobOutcome outcome;
        try {
            outcome = onJobThread(command, record, () -> handler.run(command, delivery, control), control, lease)
                    .orElse(new JobOutcome.Interrupted());
        } catch (ExecutionException e) {
            LOG.errorf(e.getCause(), "Job %s", command.jobId());
            outcome = JobOutcome.Failed.forGood(
                    e.getCause().toString(), e.getCause().getClass().getName(), "trainer");
        } finally {
            cancels.forget();
        }
        return switch (outcome) {
            case JobOutcome.Done done -> {
                LOG.infof("Job %s: %s", command.jobId(), done.summary());
                yield AcknowledgeType.ACCEPT;
            }
            case JobOutcome.Interrupted() -> AcknowledgeType.RELEASE;
            case JobOutcome.Refused(String reason) -> {
                LOG.warnf("%s is refused: %s", delivery.record(), reason);
                var refused =
                        JobOutcome.Failed.forGood(reason, IllegalArgumentException.class.getName(), JobClaim.TAKEN);
                yield deadLetter(record, delivery, refused, List.of());
            }
            case JobOutcome.Failed failed -> {
                LOG.warnf("Job %s failed in %s: %s", command.jobId(), failed.where(), failed.reason());
                if (failed.again()) {
                    rest(
                            settings.retryDelay()
                                    .multipliedBy(record.deliveryCount().orElse((short) 1)),
                            lease);
                    yield AcknowledgeType.RELEASE;
                }
                yield giveUp(command, record, delivery, failed, lease);
            }
        };
    }

    private AcknowledgeType giveUp(
            TrainCommand command,
            ConsumerRecord<byte[], byte[]> record,
            Delivery delivery,
            JobOutcome.Failed failed,
            Lease lease)
            throws InterruptedException {
        List<String> attempts;
        try {
            attempts = onJobThread(
                            command, record, () -> handler.giveUp(command, delivery, failed), new RunControl(), lease)
                    .orElse(List.of(failed.reason()));
        } catch (ExecutionException e) {
            LOG.errorf(e.getCause(), "Giving up job %s", command.jobId());
            attempts = List.of(failed.reason());
        }
        return deadLetter(record, delivery, failed, attempts);
    }

    /** A dead letter is written before the command is ticked off; if it cannot be, the command comes again. */
    private AcknowledgeType deadLetter(
            ConsumerRecord<byte[], byte[]> record, Delivery delivery, JobOutcome.Failed failed, List<String> attempts)
            throws InterruptedException {
        return letters.dead(record, delivery, failed, attempts) ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE;
    }

    /** Runs on the job thread while this one keeps the lease; empty if a shutdown did not leave it time to end. */
    private <T> Optional<T> onJobThread(
            TrainCommand command,
            ConsumerRecord<byte[], byte[]> record,
            Callable<T> work,
            RunControl control,
            Lease lease)
            throws InterruptedException, ExecutionException {
        Future<T> result = jobs.submit(() -> {
            try (var _ = new JobLog(command)) {
                return JobTrace.in(command, record, work);
            }
        });
        long stoppingSince = 0;
        while (true) {
            try {
                return Optional.of(result.get(TICK_MS, TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                lease.keep();
                health.lease(!lease.lost());
            }
            if (stopping) {
                stoppingSince = stoppingSince == 0 ? System.nanoTime() : stoppingSince;
                control.request(RunControl.Stop.SHUTDOWN);
                if (System.nanoTime() - stoppingSince > settings.shutdownGrace().toNanos()) {
                    LOG.warn("The job did not come to a stop in time; giving its command back as it is");
                    return Optional.empty();
                }
            }
        }
    }

    private void rest(Duration delay) throws InterruptedException {
        long until = System.nanoTime() + delay.toNanos();
        while (!stopping && System.nanoTime() < until) {
            Thread.sleep(TICK_MS);
        }
    }

    private void rest(Duration delay, Lease lease) throws InterruptedException {
        long until = System.nanoTime() + delay.toNanos();
        while (!stopping && System.nanoTime() < until) {
            Thread.sleep(TICK_MS);
            lease.keep();
            health.lease(!lease.lost());
        }
    }
}
