package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.trainer.run.RunControl;
import java.util.List;

/** Does the work behind a command. Called on a thread that is not the queue's. */
public interface JobHandler {

    /**
     * Trains, or finds that it is done. Looks at {@code control} at least once a step. Should not throw: then the command
     * is given up.
     */
    JobOutcome run(TrainCommand command, Delivery delivery, RunControl control);

    /**
     * Called when a command will not be tried again: says so to whoever waits for the job.
     *
     * @return the reason of every failed try, the oldest first
     */
    List<String> giveUp(TrainCommand command, Delivery delivery, JobOutcome.Failed last);

    /** Called with a record that is no command, so that whoever waits for the job it may name hears of it. Must not throw. */
    void malformed(byte[] value, JobOutcome.Failed failure);
}
