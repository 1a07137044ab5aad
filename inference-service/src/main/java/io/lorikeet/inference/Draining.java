package io.lorikeet.inference;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/**
 * Whether the service has been told to stop. From that moment on it takes no request, while those under way have {@code
 * quarkus.shutdown.timeout} to finish; Quarkus itself only waits for them.
 */
@ApplicationScoped
public class Draining {
    private static final Logger LOG = Logger.getLogger(Draining.class);

    private volatile boolean begun;

    void start(@Observes StartupEvent event) {
        // hooks run side by side, so this one does not wait for the requests that Quarkus's waits for
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("drain").unstarted(this::begin));
    }

    private void begin() {
        LOG.info("told to stop: takes no more requests, finishes those under way");
        begun = true;
    }

    /** Whether it has. */
    public boolean begun() {
        return begun;
    }
}
