package io.lorikeet.gateway.training;

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

/**
 * A job as its events tell it: the newest event of each kind.
 *
 * @param acceptance {@code accepted} or {@code rejected}, with the answers
 * @param outcome {@code succeeded}, {@code failed}, {@code cancelled} or {@code validated}
 * @param updated time of the newest event
 */
public record JobView(
        String jobId,
        String adapter,
        JobStatus status,
        Queued queued,
        Started started,
        Progress progress,
        CheckpointSaved checkpoint,
        Evaluated evaluation,
        TrainingEvent acceptance,
        TrainingEvent outcome,
        Instant updated) {
    /** A job of which nothing but the id is known. */
    static JobView of(TrainingEvent first) {
        return new JobView(
                first.jobId(),
                first.adapter(),
                JobStatus.QUEUED,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                first.time());
    }

    /** Whether this dry run or failed job is over and the event is of a command under its id that begins anew. */
    boolean endedBefore(TrainingEvent event) {
        return switch (status) {
            case QUEUED, RUNNING, SUCCEEDED, CANCELLED -> false;
            case FAILED -> event instanceof Queued && handedInAfter(event);
            case VALIDATED -> !(event instanceof Queued) || handedInAfter(event);
        };
    }

    /** Its own {@code queued} may come late, but says when it was handed in. */
    private boolean handedInAfter(TrainingEvent event) {
        return event.time().isAfter(outcome.time());
    }

    /** The job after one more event. */
    JobView with(TrainingEvent event) {
        return switch (event) {
            // the gateway says it after the command is out: a quick trainer may be first
            case Queued e ->
                new JobView(
                        jobId,
                        adapter(e),
                        status,
                        e,
                        started,
                        progress,
                        checkpoint,
                        evaluation,
                        acceptance,
                        outcome,
                        e.time());
            // also again, after a trainer died or failed
            case Started e ->
                new JobView(
                        jobId,
                        adapter(e),
                        JobStatus.RUNNING,
                        queued,
                        e,
                        null,
                        checkpoint,
                        evaluation,
                        null,
                        null,
                        e.time());
            case Progress e ->
                new JobView(
                        jobId,
                        adapter(e),
                        status,
                        queued,
                        started,
                        e,
                        checkpoint,
                        evaluation,
                        acceptance,
                        outcome,
                        e.time());
            case CheckpointSaved e ->
                new JobView(
                        jobId,
                        adapter(e),
                        status,
                        queued,
                        started,
                        progress,
                        e,
                        evaluation,
                        acceptance,
                        outcome,
                        e.time());
            case Evaluated e ->
                new JobView(
                        jobId,
                        adapter(e),
                        status,
                        queued,
                        started,
                        progress,
                        checkpoint,
                        e,
                        acceptance,
                        outcome,
                        e.time());
            case Accepted e -> withAcceptance(e);
            case Rejected e -> withAcceptance(e);
            case Succeeded e -> withOutcome(JobStatus.SUCCEEDED, e);
            case Failed e -> withOutcome(JobStatus.FAILED, e);
            case Cancelled e -> withOutcome(JobStatus.CANCELLED, e);
            case Validated e -> withOutcome(JobStatus.VALIDATED, e);
        };
    }

    private JobView withAcceptance(TrainingEvent e) {
        return new JobView(
                jobId, adapter(e), status, queued, started, progress, checkpoint, evaluation, e, outcome, e.time());
    }

    private JobView withOutcome(JobStatus ended, TrainingEvent e) {
        return new JobView(
                jobId, adapter(e), ended, queued, started, progress, checkpoint, evaluation, acceptance, e, e.time());
    }

    private String adapter(TrainingEvent event) {
        return event.adapter() == null ? adapter : event.adapter();
    }
}
