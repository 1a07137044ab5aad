package io.lorikeet.trainer.service;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.run.RunObserver;
import java.time.Duration;

/** Of a dry run: it may run beside a training, of which alone metrics and heartbeat tell. What it finds is in its report. */
final class Unwatched implements RunObserver {
    @Override
    public void phase(String name) {}

    @Override
    public void alive() {}

    @Override
    public void event(TrainingEvent event) {}

    @Override
    public void warning(String message) {}

    @Override
    public void dropped(String reason, int rows) {}

    @Override
    public void step(StepReport step) {}

    @Override
    public void checkpointWritten(Duration took) {}
}
