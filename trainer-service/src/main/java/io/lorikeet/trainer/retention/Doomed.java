package io.lorikeet.trainer.retention;

import io.lorikeet.contracts.CheckpointEvent;
import java.nio.file.Path;

/** Something whose time is over. */
public sealed interface Doomed {

    /** The job whose it is. */
    String jobId();

    /** What goes with it. */
    long bytes();

    /** What it is and where, for people. */
    String what();

    /** A checkpoint that is neither the best nor the last of its run. */
    record Checkpoint(String jobId, Path folder, long bytes) implements Doomed {
        @Override
        public String what() {
            return "checkpoint " + folder;
        }
    }

    /** The optimiser's state beside a version that can be rolled back to: its run will not go on. */
    record OptimizerState(String jobId, Path file, long bytes) implements Doomed {
        @Override
        public String what() {
            return "optimiser state " + file;
        }
    }

    /** A run's whole folder. */
    record Run(String jobId, Path folder, long bytes) implements Doomed {
        @Override
        public String what() {
            return "run " + folder;
        }
    }

    /** A version in the store. */
    record Version(String jobId, CheckpointEvent checkpoint, long bytes) implements Doomed {
        @Override
        public String what() {
            return "version %s of %s, %s".formatted(checkpoint.version(), checkpoint.adapter(), checkpoint.uri());
        }
    }

    /** What is known of a job. */
    record Job(String jobId, long bytes) implements Doomed {
        @Override
        public String what() {
            return "what is known of job " + jobId;
        }
    }
}
