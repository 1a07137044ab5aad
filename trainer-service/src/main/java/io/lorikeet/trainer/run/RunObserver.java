package io.lorikeet.trainer.run;

import io.lorikeet.contracts.TrainingEvent;
import java.time.Duration;

/** Hears what a run does while it does it. Called on the run's thread, which waits: be quick. */
public interface RunObserver {
    /** Nobody. */
    RunObserver NONE = new RunObserver() {
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
    };

    /** The run is in this part of its work now, and alive. */
    void phase(String name);

    /** Still at it: a micro-batch of a step or an evaluation is done. Called on any thread. */
    void alive();

    /** Something that others should know. */
    void event(TrainingEvent event);

    /** Something odd that did not stop the run. */
    void warning(String message);

    /** Rows that are not trained on. */
    void dropped(String reason, int rows);

    /** An optimiser step is done. */
    void step(StepReport step);

    /** A checkpoint is in place. */
    void checkpointWritten(Duration took);

    /**
     * An optimiser step in figures.
     *
     * @param skipped left out because the gradient was not finite
     * @param tokens supervised tokens
     */
    record StepReport(boolean skipped, double loss, double gradNorm, double learningRate, long tokens, Duration took) {}
}
