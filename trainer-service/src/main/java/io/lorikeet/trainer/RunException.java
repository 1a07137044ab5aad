package io.lorikeet.trainer;

/** A run that cannot go on, with the part of it that failed and whether another try can help. */
public final class RunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String where;
    private final boolean retryable;

    public RunException(String where, boolean retryable, String message) {
        super(message);
        this.where = where;
        this.retryable = retryable;
    }

    public RunException(String where, boolean retryable, String message, Throwable cause) {
        super(message, cause);
        this.where = where;
        this.retryable = retryable;
    }

    /** Phase of the job: {@code settings}, {@code dataset}, {@code model}, {@code training}, {@code checkpoint}. */
    public String where() {
        return where;
    }

    public boolean retryable() {
        return retryable;
    }
}
