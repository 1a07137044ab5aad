package io.lorikeet.cli.client;

import io.lorikeet.cli.CliException;

/** The gateway is not there, or no longer. */
public final class ConnectionLost extends CliException {
    private static final long serialVersionUID = 1L;

    ConnectionLost(String message, Throwable cause) {
        super(message, cause);
    }
}
