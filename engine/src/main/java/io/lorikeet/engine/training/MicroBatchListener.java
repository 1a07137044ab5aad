package io.lorikeet.engine.training;

/**
 * Hears of every micro-batch of a step or an evaluation that is done, and of every token of an answer: a sign of life within
 * what takes long, and the place to end it early. Called on the threads of the devices, of several perhaps at once.
 */
@FunctionalInterface
public interface MicroBatchListener {
    /**
     * A micro-batch is done. What this throws ends the step, the evaluation or the answers there, and comes out of the session's
     * method: no parameter was changed since it was called.
     *
     * @param left micro-batches still to do; 0 after the last, when it is too late to end anything
     */
    void done(int left);
}
