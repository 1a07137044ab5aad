package io.lorikeet.http;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Default;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.jboss.logging.Logger;

/** Threads that run as long as their service does. One that dies instead makes it not alive: a new process has it again. */
@Liveness
@Default
@ApplicationScoped
public class HelperThreads implements HealthCheck {
    private static final Logger LOG = Logger.getLogger(HelperThreads.class);

    private final Map<String, String> dead = new ConcurrentHashMap<>();

    /** Starts one; it ends by returning. */
    public Thread start(String name, Runnable work) {
        return Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                LOG.fatalf(e, "thread %s has died, so this service is not alive any more", name);
                dead.put(name, String.valueOf(e));
            }
        });
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("helper threads").status(dead.isEmpty());
        dead.forEach(response::withData);
        return response.build();
    }
}
