package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;

/** A request that the engine cannot serve, by its own fault or for lack of room. */
public final class RequestException extends EngineException {
    private static final long serialVersionUID = 1L;

    /** What stands against the request. */
    public enum Kind {
        /** A value is out of range. */
        INVALID,
        /** The prompt does not fit the model. */
        TOO_LONG,
        /** No such adapter is served. */
        UNKNOWN_ADAPTER,
        /** The request names a version of an adapter that is not here. */
        VERSION_NOT_LOADED,
        /** Too many requests wait already; later it may be served. */
        QUEUE_FULL,
        /** It has waited as long as a request may; later it may be served. */
        QUEUE_TIMEOUT,
        /** It has taken longer than a request may. */
        DEADLINE,
        /** The engine is shutting down. */
        CLOSED
    }

    private final Kind kind;

    public RequestException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
