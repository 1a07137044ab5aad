package io.lorikeet.engine;

/** The root of everything that the engine throws on purpose. Its message says what was wrong, where, and what would be right. */
public class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EngineException(String message) {
        super(message);
    }

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
