package io.lorikeet.trainer.queue;

/** How a delivery ended, which decides what becomes of its command. */
public sealed interface JobOutcome {

    /** There is nothing more to do. */
    record Done(How how, String summary) implements JobOutcome {}

    /** Why there is nothing more to do. */
    enum How {
        SUCCEEDED,
        CANCELLED,
        /** A dry run: the data was read, nothing trained. */
        VALIDATED,
        /** An earlier delivery did it, or another one does it now. */
        DUPLICATE
    }

    /** Stopped for a shutdown; whoever gets the command next continues. */
    record Interrupted() implements JobOutcome {}

    /**
     * Its job id belongs to another command, whose job stays as it is.
     *
     * @param reason for whoever sent it
     */
    record Refused(String reason) implements JobOutcome {}

    /**
     * Not trained.
     *
     * @param reason what went wrong and what would be right
     * @param causeClass class of the exception
     * @param where the part of the job that failed
     * @param retryable whether the same command can succeed at another time or on another machine
     * @param again whether it is to be tried again without anyone asking
     */
    record Failed(String reason, String causeClass, String where, boolean retryable, boolean again)
            implements JobOutcome {
        /** A failure after which the command is given up. */
        public static Failed forGood(String reason, String causeClass, String where) {
            return new Failed(reason, causeClass, where, false, false);
        }
    }
}
