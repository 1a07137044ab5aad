package io.lorikeet.trainer.run;

import io.lorikeet.engine.training.MicroBatchListener;
import io.lorikeet.trainer.output.RunFolder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/** Looked at between two micro-batches, or two tokens of an answer: the run is alive, and someone may want it to stop. */
final class StopSign implements MicroBatchListener {
    private final RunControl control;
    private final RunObserver observer;
    /** Set while what is under way is to end unless the run is cancelled. */
    private volatile boolean finishing;

    StopSign(RunControl control, RunObserver observer) {
        this.control = control;
        this.observer = observer;
    }

    Optional<RunControl.Stop> requested() {
        return control.requested();
    }

    /**
     * A micro-batch or a token is done.
     *
     * @throws BrokenOff if something is left to do and the run is to stop before
     */
    @Override
    public void done(int left) {
        observer.alive();
        Optional<RunControl.Stop> stop = requested();
        if (left > 0 && stop.isPresent() && !(finishing && stop.get() == RunControl.Stop.SHUTDOWN)) {
            throw new BrokenOff();
        }
    }

    /**
     * Something is done, and more is to come.
     *
     * @throws BrokenOff if the run is to stop before
     */
    void alive() {
        done(1);
    }

    /** Does what a shutdown waits for and a cancel does not. */
    <T> T finishing(Supplier<T> work) {
        finishing = true;
        try {
            return work.get();
        } finally {
            finishing = false;
        }
    }

    /** How a run ends that has been stopped after this step. */
    RunResult result(RunFolder folder, int step) throws IOException {
        return switch (requested().orElseThrow()) {
            case CANCEL -> new RunResult.Cancelled(step, folder.latest().map(RunFolder.Checkpoint::path));
            case SHUTDOWN -> new RunResult.Interrupted(step);
        };
    }

    /** Ends a step, an evaluation or an answer in the middle; nothing of it counts. */
    static final class BrokenOff extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenOff() {
            super(null, null, false, false);
        }
    }
}
