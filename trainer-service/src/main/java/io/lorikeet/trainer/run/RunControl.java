package io.lorikeet.trainer.run;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The flag that a run looks at between two micro-batches. The first reason to stop stays. */
public final class RunControl {

    /** Why a run should stop. */
    public enum Stop {
        /** Someone cancelled it: it ends here. */
        CANCEL,
        /** This trainer goes down: another one continues. */
        SHUTDOWN
    }

    private final AtomicReference<Stop> stop = new AtomicReference<>();

    public void request(Stop reason) {
        stop.compareAndSet(null, reason);
    }

    public Optional<Stop> requested() {
        return Optional.ofNullable(stop.get());
    }
}
