package io.lorikeet.gateway.training;

import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.JobClaim.Standing;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingEvent.Accepted;
import io.lorikeet.contracts.TrainingEvent.Cancelled;
import io.lorikeet.contracts.TrainingEvent.CheckpointSaved;
import io.lorikeet.contracts.TrainingEvent.Evaluated;
import io.lorikeet.contracts.TrainingEvent.Failed;
import io.lorikeet.contracts.TrainingEvent.Progress;
import io.lorikeet.contracts.TrainingEvent.Queued;
import io.lorikeet.contracts.TrainingEvent.Rejected;
import io.lorikeet.contracts.TrainingEvent.Started;
import io.lorikeet.contracts.TrainingEvent.Succeeded;
import io.lorikeet.contracts.TrainingEvent.Validated;
import java.time.Instant;
import java.util.Optional;

/**
 * A job as far as its events have told it. Not every event under a job's id is the job's: there are those of commands that
 * were turned away, and late ones.
 */
final class JobState {
    /** What an event was to the job. */
    enum Effect {
        /** Nothing: it is not the job's. */
        NONE,
        /** What happened next. */
        NEXT,
        /** The first of a new run under the id; what came before is over. */
        BEGINS_ANEW
    }

    /** Kinds of events of which the newest is kept. */
    static final int KINDS = 7;

    private final String jobId;
    private final Instant created;
    private String adapter;
    private JobStatus status = JobStatus.QUEUED;
    private Queued queued;
    private Started started;
    private Progress progress;
    private CheckpointSaved checkpoint;
    private Evaluated evaluation;
    private TrainingEvent acceptance;
    private TrainingEvent outcome;
    private Instant updated;

    JobState(TrainingEvent first) {
        jobId = first.jobId();
        created = first.time();
        fold(first);
    }

    /** As it was when this view was taken. */
    JobState(JobView view) {
        jobId = view.jobId();
        created = view.created();
        adapter = view.adapter();
        status = view.status();
        queued = view.queued();
        started = view.started();
        progress = view.progress();
        checkpoint = view.checkpoint();
        evaluation = view.evaluation();
        acceptance = view.acceptance();
        outcome = view.outcome();
        updated = view.updated();
    }

    /** Which of the {@link #KINDS} it is: events of one kind take each other's place. */
    static int kind(TrainingEvent event) {
        return switch (event) {
            case Queued _ -> 0;
            case Started _ -> 1;
            case Progress _ -> 2;
            case CheckpointSaved _ -> 3;
            case Evaluated _ -> 4;
            case Accepted _, Rejected _ -> 5;
            case Succeeded _, Failed _, Cancelled _, Validated _ -> 6;
        };
    }

    JobStatus status() {
        return status;
    }

    /** Null as long as no event has named one. */
    String adapter() {
        return adapter;
    }

    /** How it ended; null before. */
    TrainingEvent outcome() {
        return outcome;
    }

    JobView view() {
        return new JobView(
                jobId,
                adapter,
                status,
                queued,
                started,
                progress,
                checkpoint,
                evaluation,
                acceptance,
                outcome,
                created,
                updated);
    }

    /** What a command under the id has to reckon with. */
    JobClaim.Known known() {
        var standing =
                switch (status) {
                    case QUEUED, RUNNING -> Standing.UNDER_WAY;
                    case SUCCEEDED -> Standing.SUCCEEDED;
                    case FAILED -> Standing.FAILED;
                    case CANCELLED -> Standing.CANCELLED;
                    case VALIDATED -> Standing.VALIDATED;
                };
        return new JobClaim.Known(jobId, queued == null || turnedAway() ? null : queued.commandDigest(), standing);
    }

    Effect take(TrainingEvent event) {
        Effect effect = effect(event);
        if (effect == Effect.BEGINS_ANEW) {
            beginAnew();
        }
        if (effect != Effect.NONE) {
            fold(event);
        }
        return effect;
    }

    private Effect effect(TrainingEvent event) {
        return switch (event) {
            case Queued e -> effectOfQueued(e);
            // what it has made was deleted, which says nothing of how it went
            case Succeeded e when e.deleted() != null && isKnown() -> Effect.NONE;
            case Failed e when e.where() != null && e.where().equals(JobClaim.MALFORMED) -> Effect.NONE;
            // of the command that waits here, then, since the trainers know another one under its id
            case Failed e
            when e.where() != null && e.where().equals(JobClaim.TAKEN) ->
                status == JobStatus.QUEUED && !foreign(e) ? Effect.NEXT : Effect.NONE;
            case Started _,
                    Progress _,
                    CheckpointSaved _,
                    Evaluated _,
                    Accepted _,
                    Rejected _,
                    Succeeded _,
                    Failed _,
                    Cancelled _,
                    Validated _ -> effectOfRun(event);
        };
    }

    /** A gateway says it after the command is out, so a quick trainer's events may come first; it says when that was. */
    private Effect effectOfQueued(Queued event) {
        boolean its = queued == null && !foreign(event);
        return switch (JobClaim.of(Optional.of(known()), event.commandDigest())) {
            case JobClaim.Begins(), JobClaim.TriesAgain() when isLater(event) -> Effect.BEGINS_ANEW;
            case JobClaim.Begins(),
                    JobClaim.TriesAgain(),
                    JobClaim.UnderWay(),
                    JobClaim.Trained(),
                    JobClaim.Cancelled(),
                    JobClaim.Validated(),
                    JobClaim.Taken _ -> its ? Effect.NEXT : Effect.NONE;
        };
    }

    private Effect effectOfRun(TrainingEvent event) {
        boolean leavesItsId = status == JobStatus.VALIDATED || turnedAway();
        if (foreign(event) && !leavesItsId) {
            return Effect.NONE;
        }
        return switch (status) {
            case QUEUED, RUNNING -> Effect.NEXT;
            // again, because its adapter was gone
            case SUCCEEDED, CANCELLED -> event instanceof Started ? Effect.BEGINS_ANEW : Effect.NONE;
            case FAILED, VALIDATED -> event instanceof Started || isLater(event) ? Effect.BEGINS_ANEW : Effect.NONE;
        };
    }

    private boolean isKnown() {
        return queued != null || started != null || outcome != null;
    }

    /** Whether all that is known under this id is a record that never became a job. */
    private boolean turnedAway() {
        return outcome instanceof Failed failed
                && (JobClaim.MALFORMED.equals(failed.where()) || JobClaim.TAKEN.equals(failed.where()));
    }

    private boolean foreign(TrainingEvent event) {
        return adapter != null && event.adapter() != null && !adapter.equals(event.adapter());
    }

    private boolean isLater(TrainingEvent event) {
        return outcome != null && event.time().isAfter(outcome.time());
    }

    private void beginAnew() {
        if (status == JobStatus.VALIDATED || turnedAway()) {
            // it may be another command's turn
            queued = null;
            adapter = null;
        }
        status = JobStatus.QUEUED;
        started = null;
        progress = null;
        checkpoint = null;
        evaluation = null;
        acceptance = null;
        outcome = null;
    }

    private void fold(TrainingEvent event) {
        switch (event) {
            case Queued e -> queued = e;
            case Started e -> {
                // also again, after a trainer died or failed
                started = e;
                status = JobStatus.RUNNING;
                progress = null;
                acceptance = null;
            }
            case Progress e -> progress = e;
            case CheckpointSaved e -> checkpoint = e;
            case Evaluated e -> evaluation = e;
            case Accepted e -> acceptance = e;
            case Rejected e -> acceptance = e;
            case Succeeded e -> end(JobStatus.SUCCEEDED, e);
            case Failed e -> end(JobStatus.FAILED, e);
            case Cancelled e -> end(JobStatus.CANCELLED, e);
            case Validated e -> end(JobStatus.VALIDATED, e);
        }
        adapter = event.adapter() == null ? adapter : event.adapter();
        updated = event.time();
    }

    private void end(JobStatus how, TrainingEvent last) {
        status = how;
        outcome = last;
    }
}
