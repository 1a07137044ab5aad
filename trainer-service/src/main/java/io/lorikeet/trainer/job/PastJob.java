package io.lorikeet.trainer.job;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.TrainingEvent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the adapters root has of a job.
 *
 * @param last how it ended; empty while it is under way, or waits to be tried again
 * @param runs the folders that its tries have written
 * @param removal whether what it made is being deleted, or is deleted
 */
public record PastJob(String jobId, Optional<TrainingEvent> last, List<Path> runs, Optional<Removal> removal) {

    public PastJob {
        runs = List.copyOf(runs);
    }

    /** When it ended. */
    public Optional<Instant> ended() {
        return last.map(TrainingEvent::time);
    }

    /** The adapter's version that it made. */
    public Optional<CheckpointEvent> version() {
        return last.flatMap(event -> event instanceof TrainingEvent.Succeeded done
                ? Optional.ofNullable(done.checkpoint())
                : Optional.empty());
    }

    /** Whether that was to be served. */
    public boolean promoted() {
        return last.isPresent() && last.get() instanceof TrainingEvent.Succeeded done && done.promoted();
    }

    /** Whether it trained a whole model, which lies in its run's folder and nowhere else. */
    public boolean madeAModel() {
        return last.isPresent() && last.get() instanceof TrainingEvent.Succeeded done && done.checkpoint() == null;
    }
}
