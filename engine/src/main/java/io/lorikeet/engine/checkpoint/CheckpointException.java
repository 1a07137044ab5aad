package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.EngineException;

/** A model directory, or a file of it, that cannot be read or that this engine does not run. */
public class CheckpointException extends EngineException {
    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
