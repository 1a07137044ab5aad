package io.lorikeet.trainer.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.training.TrainingException;
import io.lorikeet.store.StoreException;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.events.EventPublisher;
import io.lorikeet.trainer.queue.Delivery;
import io.lorikeet.trainer.queue.JobHandler;
import io.lorikeet.trainer.queue.JobOutcome;
import io.lorikeet.trainer.run.RunControl;
import io.lorikeet.trainer.run.RunException;
import io.lorikeet.trainer.run.RunObserver;
import io.lorikeet.trainer.run.RunResult;
import io.lorikeet.trainer.run.RunSetup;
import io.lorikeet.trainer.run.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** Trains each job once and says how it went. */
public final class JobRunner implements JobHandler {
    private static final Logger LOG = Logger.getLogger(JobRunner.class);
    private static final long LAST_WORDS_SECONDS = 60;
    private static final long TICK_MS = 200;

    private final Workplace workplace;
    private final int maxTries;
    private final EventPublisher events;
    private final RunObserver observer;

    /**
     * A runner for one trainer.
     *
     * @param maxTries a command whose tries failed this often is not tried again
     * @param observer hears of every run; events reach the topic without its help
     */
    public JobRunner(Workplace workplace, int maxTries, EventPublisher events, RunObserver observer) {
        this.workplace = workplace;
        this.maxTries = maxTries;
        this.events = events;
        this.observer = observer;
    }

    @Override
    public JobOutcome run(TrainCommand command, Delivery delivery, RunControl control) {
        var folder = JobFolder.of(workplace.adaptersRoot(), command);
        try {
            while (true) {
                observer.phase("lock");
                Optional<JobFolder.Hold> hold = folder.lock(delivery.record());
                if (hold.isPresent()) {
                    try (var _ = hold.get()) {
                        return run(command, delivery, folder, control);
                    }
                }
                if (!folder.owner().equals(delivery.record())) {
                    // that command is still in the queue until the job is done, so this one is not needed
                    return new JobOutcome.Done(
                            JobOutcome.How.DUPLICATE, "a duplicate of a command that is being trained now");
                }
                // whoever trains it has lost its lease on the command; its result will be there
                if (control.requested().isPresent()) {
                    return new JobOutcome.Interrupted();
                }
                Thread.sleep(TICK_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new JobOutcome.Interrupted();
        } catch (DatasetException e) {
            return failed(folder, delivery, e, "dataset", false);
        } catch (RunException e) {
            return failed(folder, delivery, e, e.where(), e.retryable());
        } catch (StoreException e) {
            // what was trained and sent is there for the next try
            return failed(folder, delivery, e, "store", true);
        } catch (CheckpointException e) {
            return failed(folder, delivery, e, "model", false);
        } catch (TrainingException e) {
            return failed(folder, delivery, e, "training", false);
        } catch (EngineException e) {
            // a device that is not there or has no memory left: another machine or another time may do better
            return failed(folder, delivery, e, "engine", true);
        } catch (IOException | UncheckedIOException e) {
            return failed(folder, delivery, e, "files", true);
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "Job %s", command.jobId());
            return failed(folder, delivery, e, "trainer", true);
        }
    }

    private JobOutcome run(TrainCommand command, Delivery delivery, JobFolder folder, RunControl control)
            throws IOException, InterruptedException {
        String digest = command.digest();
        Optional<JobResult> earlier = folder.result();
        if (earlier.isPresent() && earlier.get().event() instanceof TrainingEvent.Failed gaveUp) {
            if (delivery.record().equals(earlier.get().record())) {
                // its dead letter may not have been written
                return new JobOutcome.Failed(
                        gaveUp.reason(), gaveUp.causeClass(), gaveUp.where(), gaveUp.retryable(), false);
            }
            folder.forgetFailures();
        }
        // a failed job may be tried again, and a dry run does not use its id up
        boolean ended = earlier.isPresent()
                && !(earlier.get().event() instanceof TrainingEvent.Failed)
                && (!(earlier.get().event() instanceof TrainingEvent.Validated)
                        || earlier.get().commandDigest().equals(digest));
        if (ended) {
            if (!earlier.get().commandDigest().equals(digest)) {
                return new JobOutcome.Failed(
                        "job id '%s' was used by another command before; a job id names one job, take a new one"
                                .formatted(command.jobId()),
                        IllegalArgumentException.class.getName(),
                        "job_id",
                        false,
                        false);
            }
            boolean handedInAgain = !delivery.record().equals(earlier.get().record());
            Optional<JobOutcome> otherData = handedInAgain ? otherData(command, folder) : Optional.empty();
            if (otherData.isPresent()) {
                return otherData.get();
            }
            return published(folder, earlier.get(), control)
                    ? new JobOutcome.Done(JobOutcome.How.DUPLICATE, "done before")
                    : new JobOutcome.Interrupted();
        }
        int failedTries = folder.begin();
        try {
            if (failedTries >= maxTries) {
                return new JobOutcome.Failed(
                        "tried %d times: each try failed, or its trainer died".formatted(failedTries),
                        IllegalStateException.class.getName(),
                        "queue",
                        true,
                        false);
            }
            Optional<JobOutcome> otherData = otherData(command, folder);
            return otherData.isPresent() ? otherData.get() : attempt(command, delivery, folder, control);
        } finally {
            folder.end();
        }
    }

    /** The end of a job whose data is another than at its first try; a dry run may be about other data each time. */
    private Optional<JobOutcome> otherData(TrainCommand command, JobFolder folder) throws IOException {
        observer.phase("dataset");
        Optional<String> changed = command.dryRun()
                ? Optional.empty()
                : folder.data().changed(command, new DatasetLoader(workplace.dataRoot(), observer::alive));
        return changed.map(
                why -> new JobOutcome.Failed(why, IllegalArgumentException.class.getName(), "dataset", false, false));
    }

    private JobOutcome attempt(TrainCommand command, Delivery delivery, JobFolder folder, RunControl control)
            throws IOException, InterruptedException {
        RunSetup setup = command.dryRun() ? workplace.dryRun(command) : setup(command, folder);
        RunResult result = control.requested().equals(Optional.of(RunControl.Stop.CANCEL))
                ? new RunResult.Cancelled(0, Optional.empty())
                : new TrainingRun(setup, control, new Reporter(observer, events, folder.data())).run();
        Instant now = Instant.now();
        TrainingEvent last =
                switch (result) {
                    case RunResult.Interrupted(int step) -> {
                        LOG.infof("Job %s stopped at step %d to be continued", command.jobId(), step);
                        yield null;
                    }
                    case RunResult.Cancelled(int step, Optional<Path> checkpoint) ->
                        new TrainingEvent.Cancelled(
                                command.jobId(),
                                command.adapter(),
                                now,
                                step,
                                checkpoint.map(Path::toString).orElse(null));
                    case RunResult.Validated(var report) ->
                        new TrainingEvent.Validated(command.jobId(), command.adapter(), now, report);
                    case RunResult.Finished done ->
                        new TrainingEvent.Succeeded(
                                command.jobId(),
                                command.adapter(),
                                now,
                                done.event().map(this::kept).orElse(null),
                                promotes(command, done),
                                done.summary());
                };
        if (last == null) {
            return new JobOutcome.Interrupted();
        }
        var kept = new JobResult(command.digest(), delivery.record(), last, false);
        folder.keep(kept);
        return published(folder, kept, control)
                ? new JobOutcome.Done(how(result), last.toString())
                : new JobOutcome.Interrupted();
    }

    /** In the store, whole, before anybody hears of it. */
    private CheckpointEvent kept(CheckpointEvent checkpoint) {
        observer.phase("store");
        return workplace.store().keep(checkpoint, observer::alive);
    }

    private static JobOutcome.How how(RunResult result) {
        return switch (result) {
            case RunResult.Finished _ -> JobOutcome.How.SUCCEEDED;
            case RunResult.Cancelled _ -> JobOutcome.How.CANCELLED;
            case RunResult.Validated _ -> JobOutcome.How.VALIDATED;
            case RunResult.Interrupted _ -> throw new IllegalStateException("a run to be continued is not done");
        };
    }

    private RunSetup setup(TrainCommand command, JobFolder folder) throws IOException {
        return new RunSetup(
                command,
                workplace.modelId(command),
                workplace.model(command),
                workplace.dataRoot(),
                workplace.device(),
                workplace.dtype(),
                folder.run(command),
                Optional.ofNullable(command.resumeFromCheckpoint()).map(workplace.adaptersRoot()::resolve));
    }

    private static boolean promotes(TrainCommand command, RunResult.Finished done) {
        return done.event().isPresent()
                && switch (command.promote()) {
                    case ALWAYS -> true;
                    case NEVER -> false;
                    case IF_ACCEPTED -> done.accepted();
                };
    }

    /** Sends what the broker does not have yet; false if a shutdown came first, then the next delivery does it. */
    private boolean published(JobFolder folder, JobResult result, RunControl control)
            throws IOException, InterruptedException {
        if (result.published()) {
            return true;
        }
        Optional<CheckpointEvent> promoted = result.promoted();
        if (promoted.isPresent() && !acknowledged(events.publish(promoted.get()), control)) {
            return false;
        }
        if (!acknowledged(events.publish(result.event()), control)) {
            return false;
        }
        folder.keep(result.asPublished());
        return true;
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

    private JobOutcome failed(JobFolder folder, Delivery delivery, Throwable failure, String where, boolean retryable) {
        String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        int tries;
        try {
            tries = folder.failed(where, reason);
        } catch (IOException e) {
            LOG.errorf(e, "Could not note the failure");
            tries = delivery.count();
        }
        return new JobOutcome.Failed(
                reason, failure.getClass().getName(), where, retryable, retryable && tries < maxTries);
    }

    @Override
    public List<String> giveUp(TrainCommand command, Delivery delivery, JobOutcome.Failed last) {
        var event = new TrainingEvent.Failed(
                command.jobId(),
                command.adapter(),
                Instant.now(),
                last.reason(),
                last.causeClass(),
                last.retryable(),
                last.where());
        var folder = JobFolder.of(workplace.adaptersRoot(), command);
        try {
            Optional<JobResult> known = folder.result();
            if (known.isPresent() && !(known.get().event() instanceof TrainingEvent.Failed)) {
                // a job that ended well keeps its end, whatever came in under its id afterwards
                return List.of(last.reason());
            }
            if (known.isEmpty() || !delivery.record().equals(known.get().record())) {
                events.publish(event).get(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
                folder.keep(new JobResult(command.digest(), delivery.record(), event, true));
            }
            List<String> failures = folder.failures();
            return failures.isEmpty() ? List.of(last.reason()) : failures;
        } catch (IOException | ExecutionException | TimeoutException e) {
            LOG.errorf(e, "Could not say that job %s failed", command.jobId());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of(last.reason());
    }

    @Override
    public void malformed(byte[] value, JobOutcome.Failed failure) {
        try {
            JsonNode command = Json.parse(value, "command");
            String jobId = command.path("job_id").asText("");
            String adapter = command.path("adapter").asText("");
            boolean known = adapter.matches(TrainCommand.ADAPTER)
                    && jobId.matches(TrainCommand.JOB_ID)
                    && new JobFolder(workplace.adaptersRoot(), adapter, jobId).exists();
            if (!jobId.isEmpty() && !known) {
                var _ = events.publish(new TrainingEvent.Failed(
                        jobId,
                        adapter.isEmpty() ? null : adapter,
                        Instant.now(),
                        failure.reason(),
                        failure.causeClass(),
                        false,
                        failure.where()));
            }
        } catch (ContractException e) {
            LOG.debug("No JSON, so nobody waits for it");
        }
    }
}
