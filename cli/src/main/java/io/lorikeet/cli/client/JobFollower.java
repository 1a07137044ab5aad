package io.lorikeet.cli.client;

import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.TrainingEvent;
import java.time.Duration;
import java.util.function.Consumer;

/** Follows a job to its end, through lost connections too. */
public final class JobFollower {

    private static final int RECONNECTS = 30;
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    private final GatewayClient client;
    private final Consumer<TrainingEvent> listener;
    private int told;

    /** A follower that hands each event to {@code listener}. */
    public JobFollower(GatewayClient client, Consumer<TrainingEvent> listener) {
        this.client = client;
        this.listener = listener;
    }

    /** Hands on every event of the job once and returns its last. */
    public TrainingEvent follow(String jobId) {
        TrainingEvent[] last = new TrainingEvent[1];
        for (int attempt = 0; attempt < RECONNECTS; attempt++) {
            int[] seen = new int[1];
            try {
                // each connection begins with the job's first event
                client.events(jobId, event -> {
                    if (seen[0]++ >= told) {
                        told++;
                        listener.accept(event);
                    }
                    if (event.last()) {
                        last[0] = event;
                    }
                });
            } catch (ConnectionLost e) {
                if (attempt == RECONNECTS - 1) {
                    throw e;
                }
            }
            if (last[0] != null) {
                return last[0];
            }
            pause();
        }
        throw new CliException("The events of job " + jobId + " ended before the job did.");
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted.", e);
        }
    }
}
