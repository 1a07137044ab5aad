package io.lorikeet.cli.client;

import io.lorikeet.cli.CliException;

/** The gateway answered with an error. */
public final class RefusedException extends CliException {
    private static final long serialVersionUID = 1L;

    private final int status;

    RefusedException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** HTTP status. */
    public int status() {
        return status;
    }
}
