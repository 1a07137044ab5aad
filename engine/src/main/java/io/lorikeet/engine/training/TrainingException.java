package io.lorikeet.engine.training;

import io.lorikeet.engine.EngineException;

/** Training that cannot start or go on: options, data or saved state that do not fit the model. */
public final class TrainingException extends EngineException {
    private static final long serialVersionUID = 1L;

    public TrainingException(String message) {
        super(message);
    }

    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
