package io.lorikeet.trainer.job;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.training.TrainingException;
import io.lorikeet.store.StoreException;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.files.Root;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jboss.logging.Logger;

/**
 * Why a try failed.
 *
 * @param where the part of the job that failed
 * @param retryable whether the same command can succeed at another time or on another machine
 */
record Failure(String reason, String causeClass, String where, boolean retryable) {
    private static final Logger LOG = Logger.getLogger(Failure.class);

    /** What an exception means for the job. */
    static Failure of(TrainCommand command, Throwable thrown) {
        return switch (thrown) {
            case DatasetException e -> of(e, "dataset", false);
            case RunException e -> of(e, e.where(), e.retryable());
            // what was trained and sent is there for the next try
            case StoreException e -> of(e, "store", true);
            case CheckpointException e -> {
                // what it says of the folder's files is for those who may see them
                LOG.errorf(e, "Job %s: the base model cannot be used", command.jobId());
                yield new Failure(unusable(command), RunException.class.getName(), "model", false);
            }
            case TrainingException e -> of(e, "training", false);
            // a device that is not there or has no memory left: another machine or another time may do better
            case EngineException e -> of(e, "engine", true);
            case IOException e -> of(e, "files", true);
            case UncheckedIOException e -> of(e, "files", true);
            default -> {
                LOG.errorf(thrown, "Job %s", command.jobId());
                yield of(thrown, "trainer", true);
            }
        };
    }

    private static Failure of(Throwable thrown, String where, boolean retryable) {
        String reason = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        return new Failure(reason, thrown.getClass().getName(), where, retryable);
    }

    private static String unusable(TrainCommand command) {
        String model =
                command.model() == null ? "the trainer's default model" : "model '" + Root.shown(command.model()) + "'";
        return model + " cannot be trained: it is no whole model of a kind that is known, as Hugging Face writes one"
                + " (config.json, *.safetensors, tokenizer.json); the trainer's log says what is wrong with it";
    }
}
