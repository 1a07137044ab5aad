package io.lorikeet.trainer.service;

import io.lorikeet.trainer.retention.Pruner;
import io.lorikeet.trainer.retention.Served;
import io.lorikeet.trainer.retention.ServedVersions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** Deletes what need not be kept, on a thread of its own: at the start, after a job, and once a day. */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final Duration PERIOD = Duration.ofDays(1);
    /** Short jobs in a row need not be tidied up after one by one. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private static final Duration REPLAY = Duration.ofSeconds(30);

    private final Map<String, Object> client;
    private final Function<Served, Pruner> pruner;
    private final Semaphore jobsEnded = new Semaphore(0);
    private final Thread thread =
            Thread.ofPlatform().name("housekeeping").daemon().unstarted(this::run);

    Housekeeping(Map<String, Object> client, Function<Served, Pruner> pruner) {
        this.client = client;
        this.pruner = pruner;
    }

    void start() {
        thread.start();
    }

    /** Some things may have become superfluous. */
    void jobEnded() {
        jobsEnded.release();
    }

    private void run() {
        try {
            while (true) {
                jobsEnded.drainPermits();
                tidyUp();
                Thread.sleep(PAUSE);
                var _ = jobsEnded.tryAcquire(PERIOD.toMinutes(), TimeUnit.MINUTES);
            }
        } catch (InterruptedException e) {
            LOG.debug("The trainer stops");
        }
    }

    private void tidyUp() throws InterruptedException {
        try (var served = new ServedVersions(client)) {
            if (!served.await(REPLAY)) {
                LOG.warn("What is served cannot be told, so no promoted version is deleted");
            }
            pruner.apply(served).prune().ifPresent(result -> {
                if (!result.deleted().isEmpty()) {
                    LOG.infof(
                            "Retention: deleted %d things, %d MiB",
                            result.deleted().size(), result.bytes() >> 20);
                }
                result.failures().forEach(why -> LOG.warnf("Retention: %s", why));
            });
        } catch (IOException | RuntimeException e) {
            LOG.errorf(e, "Retention: nothing more is deleted until the next time");
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
