package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;

/** The device had no memory left for what was asked of it. What was there before is unharmed. */
public final class OutOfMemoryException extends EngineException {
    private static final long serialVersionUID = 1L;

    public OutOfMemoryException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether libtorch's message, for the processor or for CUDA, says that memory ran out. */
    static boolean tellsOf(String message) {
        return message != null
                && (message.contains("out of memory")
                        || message.contains("not enough memory")
                        || message.contains("can't allocate memory"));
    }
}
