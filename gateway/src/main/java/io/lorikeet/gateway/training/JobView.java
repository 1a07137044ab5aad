package io.lorikeet.gateway.training;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingEvent.CheckpointSaved;
import io.lorikeet.contracts.TrainingEvent.Evaluated;
import io.lorikeet.contracts.TrainingEvent.Progress;
import io.lorikeet.contracts.TrainingEvent.Queued;
import io.lorikeet.contracts.TrainingEvent.Started;
import java.time.Instant;

/**
 * A job as HTTP shows it: the newest event of each kind.
 *
 * @param acceptance {@code accepted} or {@code rejected}, with the answers
 * @param outcome {@code succeeded}, {@code failed}, {@code cancelled} or {@code validated}
 * @param created time of the first event that is known of the id
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
        Instant created,
        Instant updated) {}
