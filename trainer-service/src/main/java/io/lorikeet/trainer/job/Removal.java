package io.lorikeet.trainer.job;

/** How far the deletion of what a job made has come. A job whose result was deleted on purpose is not trained again for it. */
public enum Removal {
    /** Some of it may be gone. */
    BEGUN,
    /** All of it is gone. */
    DONE
}
