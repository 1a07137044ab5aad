package io.lorikeet.inference;

import io.lorikeet.http.Door;
import io.lorikeet.http.Headers;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What this replica is called: as configured, else a pod, a container or a machine, and a port on it. Each of its answers
 * names it.
 */
@ApplicationScoped
public class ReplicaName {
    private final String name;

    @Inject
    ReplicaName(
            InferenceConfig config, @ConfigProperty(name = "quarkus.http.port", defaultValue = "8001") String port) {
        this.name = config.replica().orElseGet(() -> host().replaceAll("[^A-Za-z0-9._:-]", "-") + ":" + port);
    }

    void open(@Observes Router router) {
        router.route().order(Door.BEHIND).handler(context -> {
            context.response().putHeader(Headers.REPLICA, name);
            context.next();
        });
    }

    /** The name, other than that of any other replica. */
    public String get() {
        return name;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown-host-" + ProcessHandle.current().pid();
        }
    }
}
