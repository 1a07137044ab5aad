package io.lorikeet.trainer.dataset;

/** The data cannot be trained on as it is; the message names file, line and what would be right. */
public final class DatasetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DatasetException(String message) {
        super(message);
    }

    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }
}
