package io.lorikeet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.ManagedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Signals to a process of a stack. */
final class Signals {
    private static final long STOPPED_MILLIS = 100;

    private Signals() {}

    static void send(String name, ManagedProcess process) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).as("kill -" + name).isZero();
    }

    /** Lets a process run a little between long pauses, until it has ended: whatever it is about takes ten times as long. */
    static void slow(ManagedProcess process) {
        Thread.ofVirtual().start(() -> {
            try {
                while (process.isAlive()) {
                    send("STOP", process);
                    Thread.sleep(STOPPED_MILLIS);
                    send("CONT", process);
                    Thread.sleep(STOPPED_MILLIS / 10);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException | AssertionError _) {
                // it has ended in between
            }
        });
    }
}
