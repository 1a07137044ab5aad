package io.lorikeet.cli.stack;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/** How a process of a running stack is, seen from outside. */
public enum Health {
    READY("ready"),
    NOT_READY("not ready"),
    GONE("gone");

    private static final int TIMEOUT_MILLIS = 2_000;

    private final String word;

    Health(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** Looks at the process and asks it. */
    public static Health of(StackRecord.Entry process) {
        if (!process.alive()) {
            return GONE;
        }
        boolean ready = process.ready() == null ? accepts(process.port()) : answers(process.ready());
        return ready ? READY : NOT_READY;
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean answers(String address) {
        try {
            var connection = (HttpURLConnection) URI.create(address).toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }
}
