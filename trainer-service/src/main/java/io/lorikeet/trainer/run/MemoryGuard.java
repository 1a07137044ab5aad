package io.lorikeet.trainer.run;

import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.engine.program.OutOfMemoryException;
import io.lorikeet.engine.training.MemoryEstimate;
import io.lorikeet.engine.training.MicroBatchListener;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.plan.Preparation;
import java.util.function.Supplier;

/** Does what may run out of the device's memory, and says how that went. */
final class MemoryGuard {
    private final Preparation run;
    private final RunObserver observer;

    MemoryGuard(Preparation run, RunObserver observer) {
        this.run = run;
        this.observer = observer;
    }

    /** Loads the model. */
    TrainingSession start(MicroBatchListener listener) {
        try {
            return TrainingSession.start(run.options(), listener);
        } catch (OutOfMemoryException e) {
            throw new RunException(
                    "memory",
                    fitsAlone(run.options()),
                    "the model itself does not fit on %s; free memory that others use, or take a smaller model: %s"
                            .formatted(Device.names(run.options().devices()), e.getMessage()),
                    e);
        }
    }

    /** Runs a step or an evaluation, whose micro-batches the session halves once if it must. */
    <T> T within(TrainingSession session, Supplier<T> work) {
        TrainingOptions before = session.options();
        try {
            T result = work.get();
            TrainingOptions now = session.options();
            if (!now.equals(before)) {
                observer.warning(
                        "out of memory in micro-batches of up to %d tokens; the run goes on with %d and recomputation"
                                .formatted(before.maxTokensPerPass(), now.maxTokensPerPass()));
            }
            return result;
        } catch (OutOfMemoryException e) {
            throw new RunException("memory", fitsAlone(session.options()), e.getMessage(), e);
        }
    }

    /** Whether it would fit if nobody else used the device: then another time may be a better one. */
    private boolean fitsAlone(TrainingOptions options) {
        long needed = MemoryEstimate.of(run.config(), options).total(run.data().longestRow());
        return DeviceMemory.ofEach(options.devices())
                .map(memory -> needed < memory.total())
                .orElse(true);
    }
}
