package io.lorikeet.trainer.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.store.StoreException;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.events.EventPublisher;
import io.lorikeet.trainer.files.LockedFile;
import io.lorikeet.trainer.plan.RunSetup;
import io.lorikeet.trainer.queue.Delivery;
import io.lorikeet.trainer.queue.JobHandler;
import io.lorikeet.trainer.queue.JobOutcome;
import io.lorikeet.trainer.run.RunControl;
import io.lorikeet.trainer.run.RunObserver;
import io.lorikeet.trainer.run.RunResult;
import io.lorikeet.trainer.run.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** Trains each job once and says how it went. */
public final class JobRunner implements JobHandler {
    private static final Logger LOG = Logger.getLogger(JobRunner.class);
    private static final long TICK_MS = 200;

    private final Workplace workplace;
    private final int maxTries;
    private final EventPublisher events;
    private final LastWords lastWords;
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
        this.lastWords = new LastWords(events);
        this.observer = observer;
    }

    @Override
    public JobOutcome run(TrainCommand command, Delivery delivery, RunControl control) {
        var folder = folder(command.jobId());
        try {
            while (true) {
                observer.phase("lock");
                Optional<LockedFile> hold = folder.lock();
                if (hold.isPresent()) {
                    try (var _ = hold.get()) {
                        return run(command, delivery, folder, control);
                    }
                }
                Optional<JobOutcome> besides = besides(command, delivery, folder, control);
                if (besides.isPresent()) {
                    return besides.get();
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
        } catch (Exception | Error e) {
            return failed(folder, delivery, Failure.of(command, e));
        }
    }

    private JobFolder folder(String jobId) {
        return new JobFolder(workplace.adaptersRoot(), jobId);
    }

    /** What the command comes to while another delivery of its job is being tried; empty if it must wait for that. */
    private Optional<JobOutcome> besides(TrainCommand command, Delivery delivery, JobFolder folder, RunControl control)
            throws IOException, InterruptedException {
        Optional<String> attempted = folder.attempted();
        Optional<JobRecord> job = folder.job();
        if (job.isEmpty() || attempted.isEmpty() || attempted.get().equals(delivery.id())) {
            return Optional.empty();
        }
        return switch (JobClaim.of(job.map(JobRecord::known), command.digest())) {
            case JobClaim.Taken(String why) -> Optional.of(refuse(command, why, control));
            // that command is still in the queue until the job is done, so this one is not needed
            case JobClaim.UnderWay() ->
                Optional.of(new JobOutcome.Done(
                        JobOutcome.How.DUPLICATE, "a duplicate of a command that is being trained now"));
            case JobClaim.Begins(),
                    JobClaim.TriesAgain(),
                    JobClaim.Trained(),
                    JobClaim.Cancelled(),
                    JobClaim.Validated() -> Optional.empty();
        };
    }

    /** The job is locked. */
    private JobOutcome run(TrainCommand command, Delivery delivery, JobFolder folder, RunControl control)
            throws IOException, InterruptedException {
        Optional<JobRecord> job = folder.job();
        if (job.isPresent() && job.get().isOf(delivery)) {
            return switch (job.get().event()) {
                case null -> tryIt(command, delivery, folder, control);
                // its dead letter may not have been written
                case TrainingEvent.Failed gaveUp ->
                    new JobOutcome.Failed(
                            gaveUp.reason(), gaveUp.causeClass(), gaveUp.where(), gaveUp.retryable(), false);
                case TrainingEvent _ ->
                    lastWords.published(folder, job.get(), control) ? doneBefore() : new JobOutcome.Interrupted();
            };
        }
        return switch (JobClaim.of(job.map(JobRecord::known), command.digest())) {
            case JobClaim.Begins(), JobClaim.TriesAgain() -> {
                folder.begins(JobRecord.begun(command, delivery));
                yield tryIt(command, delivery, folder, control);
            }
            case JobClaim.UnderWay() -> {
                folder.keep(JobRecord.begun(command, delivery));
                yield tryIt(command, delivery, folder, control);
            }
            case JobClaim.Trained() -> {
                if (isThere(job.get(), folder)) {
                    yield repeat(command, folder, job.get(), control);
                }
                LOG.warnf("Job %s was trained, and what it made is gone: it is trained again", command.jobId());
                folder.forgetRun();
                folder.begins(JobRecord.begun(command, delivery));
                yield tryIt(command, delivery, folder, control);
            }
            case JobClaim.Cancelled(), JobClaim.Validated() -> repeat(command, folder, job.get(), control);
            case JobClaim.Taken(String why) -> refuse(command, why, control);
        };
    }

    private static JobOutcome doneBefore() {
        return new JobOutcome.Done(JobOutcome.How.DUPLICATE, "done before");
    }

    /** Says how the job ended to those who have forgotten it. What is served is not touched: it may be newer. */
    private JobOutcome repeat(TrainCommand command, JobFolder folder, JobRecord job, RunControl control)
            throws IOException, InterruptedException {
        Optional<String> otherData = otherData(command, folder);
        if (otherData.isPresent()) {
            return refuse(command, otherData.get(), control);
        }
        boolean told =
                job.published() ? lastWords.said(job.event(), control) : lastWords.published(folder, job, control);
        if (told && job.removal() != null) {
            return new JobOutcome.Done(
                    JobOutcome.How.DUPLICATE, "done before; what it made was deleted when its time was over");
        }
        if (told && folder.runOf(job.commandDigest()).isEmpty()) {
            return new JobOutcome.Done(
                    JobOutcome.How.DUPLICATE, "done before; its run's folder is gone, its result is kept");
        }
        return told ? doneBefore() : new JobOutcome.Interrupted();
    }

    /**
     * The files of the job's adapter, or of the model that it trained whole. A store that cannot say counts as having them;
     * and what was deleted on purpose is not to be made again, which would promote an old version.
     */
    private boolean isThere(JobRecord job, JobFolder folder) throws IOException {
        if (job.removal() != null) {
            return true;
        }
        try {
            return job.checkpoint().isPresent()
                    ? workplace.store().holds(job.checkpoint().get())
                    : folder.runOf(job.commandDigest()).isPresent();
        } catch (StoreException e) {
            LOG.warnf("Whether the adapter of job %s is still there cannot be told: %s", job.jobId(), e.getMessage());
            return true;
        }
    }

    private JobOutcome refuse(TrainCommand command, String why, RunControl control)
            throws IOException, InterruptedException {
        var taken = JobOutcome.Failed.forGood(why, IllegalArgumentException.class.getName(), JobClaim.TAKEN);
        return lastWords.said(LastWords.failed(command, taken), control)
                ? new JobOutcome.Refused(why)
                : new JobOutcome.Interrupted();
    }

    private JobOutcome tryIt(TrainCommand command, Delivery delivery, JobFolder folder, RunControl control)
            throws IOException, InterruptedException {
        int failedTries = folder.begin(delivery);
        try {
            if (failedTries >= maxTries) {
                return new JobOutcome.Failed(
                        "tried %d times: each try failed, or its trainer died".formatted(failedTries),
                        IllegalStateException.class.getName(),
                        "queue",
                        true,
                        false);
            }
            Optional<String> otherData = otherData(command, folder);
            if (otherData.isPresent()) {
                return new JobOutcome.Failed(
                        otherData.get(), IllegalArgumentException.class.getName(), "dataset", false, false);
            }
            return attempt(command, folder, control);
        } finally {
            folder.end();
        }
    }

    /** Why the data is another than at the job's first try; a dry run may be about other data each time. */
    private Optional<String> otherData(TrainCommand command, JobFolder folder) throws IOException {
        if (command.dryRun()) {
            return Optional.empty();
        }
        observer.phase("dataset");
        return folder.data()
                .changed(command, new DatasetLoader(workplace.roots().data(), observer::alive));
    }

    private JobOutcome attempt(TrainCommand command, JobFolder folder, RunControl control)
            throws IOException, InterruptedException {
        RunSetup setup = command.dryRun() ? workplace.dryRun(command) : workplace.setup(command, folder.run(command));
        RunResult result = control.requested().equals(Optional.of(RunControl.Stop.CANCEL))
                ? new RunResult.Cancelled(0, Optional.empty())
                : new TrainingRun(setup, control, new Reporter(observer, events, folder.data(), folder.failures()))
                        .run();
        if (result instanceof RunResult.Interrupted(int step)) {
            LOG.infof("Job %s stopped at step %d to be continued", command.jobId(), step);
            return new JobOutcome.Interrupted();
        }
        Ending ending = Ending.of(command, result, this::kept);
        TrainingEvent last = ending.event();
        JobRecord kept = folder.job().orElseThrow().ended(last);
        folder.keep(kept);
        return lastWords.published(folder, kept, control)
                ? new JobOutcome.Done(ending.how(), last.toString())
                : new JobOutcome.Interrupted();
    }

    /** In the store, whole, before anybody hears of it. */
    private CheckpointEvent kept(CheckpointEvent checkpoint) {
        observer.phase("store");
        return workplace.store().keep(checkpoint, observer::alive);
    }

    private JobOutcome failed(JobFolder folder, Delivery delivery, Failure failure) {
        int tries;
        try {
            tries = folder.failed(failure.where(), failure.reason());
        } catch (IOException e) {
            LOG.errorf(e, "Could not note the failure");
            tries = delivery.count();
        }
        return new JobOutcome.Failed(
                failure.reason(),
                failure.causeClass(),
                failure.where(),
                failure.retryable(),
                failure.retryable() && tries < maxTries);
    }

    @Override
    public List<String> giveUp(TrainCommand command, Delivery delivery, JobOutcome.Failed last) {
        TrainingEvent event = LastWords.failed(command, last);
        var folder = folder(command.jobId());
        try {
            Optional<JobRecord> job = folder.job();
            var claim = JobClaim.of(job.map(JobRecord::known), command.digest());
            boolean its = claim instanceof JobClaim.Begins
                    || claim instanceof JobClaim.UnderWay
                    || claim instanceof JobClaim.TriesAgain;
            if (!its) {
                // a job that ended well keeps its end, and another command's job is not touched
                return List.of(last.reason());
            }
            boolean said =
                    job.isPresent() && job.get().event() != null && job.get().isOf(delivery);
            if (!said) {
                lastWords.saidInTime(event);
                folder.keep(JobRecord.begun(command, delivery).ended(event).asPublished());
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
            // its job may have begun; one that only waits, those know who handed it in
            boolean isAJobs = jobId.matches(TrainCommand.JOB_ID)
                    && failure.where().equals(JobClaim.MALFORMED)
                    && folder(jobId).job().isPresent();
            if (jobId.matches(TrainCommand.JOB_ID) && !isAJobs) {
                lastWords.sayWithoutWaiting(
                        LastWords.failed(jobId, adapter.matches(TrainCommand.ADAPTER) ? adapter : null, failure));
            }
        } catch (ContractException e) {
            LOG.debug("No JSON, so nobody waits for it");
        } catch (IOException | UncheckedIOException e) {
            LOG.errorf(e, "Could not tell whose id a malformed command has");
        }
    }
}
