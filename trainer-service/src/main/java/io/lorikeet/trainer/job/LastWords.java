package io.lorikeet.trainer.job;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.events.EventPublisher;
import io.lorikeet.trainer.queue.JobOutcome;
import io.lorikeet.trainer.run.RunControl;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Says how jobs end, and waits until the broker has it. */
record LastWords(EventPublisher events) {
    private static final long SECONDS = 60;
    private static final long TICK_MS = 200;

    /** Sends what the broker does not have yet; false if a shutdown came first, then the next delivery does it. */
    boolean published(JobFolder folder, JobRecord result, RunControl control) throws IOException, InterruptedException {
        if (result.published()) {
            return true;
        }
        Optional<CheckpointEvent> promoted = result.promoted();
        if (promoted.isPresent() && !acknowledged(events.publish(promoted.get()), control)) {
            return false;
        }
        if (!said(result.event(), control)) {
            return false;
        }
        folder.keep(result.asPublished());
        return true;
    }

    /** Says it, perhaps once more; false if a shutdown came first. */
    boolean said(TrainingEvent event, RunControl control) throws IOException, InterruptedException {
        return acknowledged(events.publish(event), control);
    }

    /** Says it while nothing else keeps the job's thread from ending. */
    void saidInTime(TrainingEvent event) throws InterruptedException, ExecutionException, TimeoutException {
        events.publish(event).get(SECONDS, TimeUnit.SECONDS);
    }

    /** Says it to whoever hears of it; the producer keeps it until the broker has it. */
    void sayWithoutWaiting(TrainingEvent event) {
        var _ = events.publish(event);
    }

    /** The event of a command that is not tried again. */
    static TrainingEvent.Failed failed(TrainCommand command, JobOutcome.Failed why) {
        return failed(command.jobId(), command.adapter(), why);
    }

    /**
     * The event of something that is no command, or not to be tried again.
     *
     * @param adapter null if it names none
     */
    static TrainingEvent.Failed failed(String jobId, String adapter, JobOutcome.Failed why) {
        return new TrainingEvent.Failed(
                jobId, adapter, Instant.now(), why.reason(), why.causeClass(), why.retryable(), why.where());
    }

    private static boolean acknowledged(CompletableFuture<Void> sent, RunControl control)
            throws IOException, InterruptedException {
        while (true) {
            try {
                sent.get(TICK_MS, TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                if (control.requested().equals(Optional.of(RunControl.Stop.SHUTDOWN))) {
                    return false;
                }
            } catch (ExecutionException e) {
                throw new IOException("the broker did not take the result: " + e.getCause(), e);
            }
        }
    }
}
