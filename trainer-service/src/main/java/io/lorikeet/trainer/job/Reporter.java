package io.lorikeet.trainer.job;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.events.EventPublisher;
import io.lorikeet.trainer.run.RunObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/**
 * Sends a run's events to their topic, keeps what it is trained on, and passes everything on.
 *
 * @param failures how the tries before this one failed
 */
record Reporter(RunObserver next, EventPublisher events, JobData data, List<String> failures) implements RunObserver {
    @Override
    public void phase(String name) {
        next.phase(name);
    }

    @Override
    public void alive() {
        next.alive();
    }

    @Override
    public void event(TrainingEvent event) {
        TrainingEvent told = event;
        if (event instanceof TrainingEvent.Started started) {
            keep(started);
            told = started.after(failures);
        }
        // the producer keeps it until the broker has it; nobody waits for a progress event
        var _ = events.publish(told);
        next.event(told);
    }

    private void keep(TrainingEvent.Started started) {
        try {
            data.keep(started.dataset());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void warning(String message) {
        next.warning(message);
    }

    @Override
    public void dropped(String reason, int rows) {
        next.dropped(reason, rows);
    }

    @Override
    public void step(StepReport step) {
        next.step(step);
    }

    @Override
    public void checkpointWritten(Duration took) {
        next.checkpointWritten(took);
    }
}
