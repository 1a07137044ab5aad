package io.lorikeet.gateway.inference;

import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.adapters.ReplicaCatalog;
import io.lorikeet.gateway.adapters.ReplicaCatalog.Standing;
import io.lorikeet.gateway.inference.Replica.Health;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** The replicas of the inference service: where they are, looked up anew every second, and how each of them is. */
@ApplicationScoped
public class Replicas {
    private static final Logger LOG = Logger.getLogger(Replicas.class);

    /** A replica that has been silent in so many probes on end does not answer those who wait for it either. */
    private static final int SILENT_PROBES = 2;

    private final Vertx vertx;
    private final Endpoints endpoints;
    private final Breakers breakers;
    private final ReplicaProbe probe;
    private final ReplicaCatalog catalog;
    private final ReplicaMetrics metrics;
    private final long timer;

    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile List<Replica> replicas = List.of();
    // of the one round that is under way
    private final Map<Replica, Integer> silences = new HashMap<>();

    Replicas(Vertx vertx, GatewayConfig config, ReplicaProbe probe, ReplicaCatalog catalog, ReplicaMetrics metrics) {
        this.vertx = vertx;
        this.endpoints = new Endpoints(config.inferenceUrl(), InetAddress::getAllByName);
        this.breakers = new Breakers(config.inferenceTimeout());
        this.probe = probe;
        this.catalog = catalog;
        this.metrics = metrics;
        update(endpoints.find());
        this.timer = vertx.setPeriodic(config.inferenceProbeInterval().toMillis(), _ -> look());
    }

    void start(@Observes StartupEvent event) {
        look();
    }

    @PreDestroy
    void stop() {
        vertx.cancelTimer(timer);
    }

    /** All that there are. */
    List<Replica> all() {
        return replicas;
    }

    /** The address of each that has said its name. */
    public Map<String, String> addresses() {
        var addresses = new HashMap<String, String>();
        replicas.forEach(replica -> replica.name().ifPresent(name -> addresses.put(name, replica.toString())));
        return addresses;
    }

    /** What all of them together generate; empty if none says so. */
    public OptionalDouble tokensPerSecond() {
        var known = replicas.stream()
                .map(replica -> replica.tokens().perSecond())
                .filter(OptionalDouble::isPresent)
                .toList();
        return known.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(
                        known.stream().mapToDouble(OptionalDouble::getAsDouble).sum());
    }

    /**
     * The one to ask.
     *
     * @param model what is asked for: the base, an adapter, or a version of one
     * @param asked those that have been asked already
     */
    Optional<Replica> choose(Optional<String> model, Set<Replica> asked) {
        var standings = model.map(catalog::standings).orElse(Map.of());
        return ReplicaChoice.choose(replicas, asked, model, replica -> replica.name()
                .map(standings::get)
                .orElse(Standing.UNKNOWN));
    }

    /** One look at a time: names that are slow to be looked up must not pile up. */
    private void look() {
        if (looking.compareAndSet(false, true)) {
            vertx.executeBlocking(endpoints::find)
                    .onSuccess(found -> {
                        update(found);
                        replicas.forEach(this::ask);
                    })
                    .onFailure(e -> LOG.error("the replicas' names cannot be looked up", e))
                    .onComplete(_ -> looking.set(false));
        }
    }

    private synchronized void update(List<Endpoint> found) {
        var known = new HashMap<Endpoint, Replica>();
        replicas.forEach(replica -> known.put(replica.endpoint(), replica));
        if (known.keySet().equals(new HashSet<>(found))) {
            return;
        }
        var now = new ArrayList<Replica>();
        for (var endpoint : found) {
            var replica = known.remove(endpoint);
            if (replica == null) {
                replica = new Replica(endpoint, breakers);
                metrics.joined(replica);
            }
            now.add(replica);
        }
        // what one that has left is still answering it may answer
        known.values().forEach(metrics::left);
        silences.keySet().retainAll(now);
        replicas = List.copyOf(now);
        LOG.infof("inference replicas: %s", replicas);
    }

    private void ask(Replica replica) {
        probe.ask(replica.endpoint())
                .subscribe()
                .with(found -> told(replica, found), e -> LOG.warn("a probe failed", e));
    }

    private synchronized void told(Replica replica, ReplicaProbe.Finding finding) {
        if (!replicas.contains(replica)) {
            return; // it has left while it was asked
        }
        var before = replica.health();
        switch (finding) {
            case ReplicaProbe.Finding.Says(Health health, OptionalLong tokens) -> {
                silences.remove(replica);
                tokens.ifPresentOrElse(
                        count -> replica.tokens().counted(count, System.nanoTime()), replica.tokens()::silent);
                replica.found(health);
            }
            case ReplicaProbe.Finding.Silent(String why) -> {
                replica.tokens().silent();
                if (silences.merge(replica, 1, Integer::sum) >= SILENT_PROBES) {
                    replica.found(new Health.NotReady(why));
                    if (replicas.stream().anyMatch(other -> other != replica && other.isReady())) {
                        replica.giveUpWaiting();
                    }
                }
            }
        }
        if (!before.equals(replica.health())) {
            say(replica);
        }
    }

    private static void say(Replica replica) {
        switch (replica.health()) {
            case Health.Ready(var name) ->
                LOG.infof(
                        "inference replica %s%s is ready",
                        replica, name.map(it -> " (" + it + ")").orElse(""));
            case Health.NotReady(var why) -> LOG.warnf("inference replica %s is not ready: %s", replica, why);
            case Health.Unknown() -> {}
        }
    }
}
