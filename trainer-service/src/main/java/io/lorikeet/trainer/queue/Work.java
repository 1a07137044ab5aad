package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.TrainCommand;

/** Which commands a queue is for. Each kind has a share group of its own over the same topic, and ticks the others off. */
public enum Work {
    /** Commands to train. Whatever is wrong with a record is said by this one. */
    TRAININGS,
    /** Dry runs: they read data and train nothing, so they need not wait until a training is over. */
    CHECKS;

    boolean takes(TrainCommand command) {
        return command.dryRun() == (this == CHECKS);
    }
}
