package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.Canary;
import io.lorikeet.contracts.CanaryDecision;
import io.lorikeet.contracts.CanaryDecision.Kind;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.kafka.TopicWriter;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.RequestContext;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;

/**
 * The one that decides about canaries: what is decided is an event on the topic of checkpoints, and holds, here too, once it has
 * been read from there. It names the event that it was based on; if another came between, it does not count
 * ({@link io.lorikeet.messaging.CheckpointOrder}), at any gateway and any replica.
 */
@ApplicationScoped
public class Canaries {
    private final AdapterCatalog catalog;
    private final TopicWriter topics;
    private final Permissions permissions;
    private final GatewayConfig.Canary configured;

    Canaries(AdapterCatalog catalog, TopicWriter topics, Permissions permissions, GatewayConfig config) {
        this.catalog = catalog;
        this.topics = topics;
        this.permissions = permissions;
        this.configured = config.canary();
    }

    /** Tries a version beside the stable one; the one that is tried already goes on with another share and other bounds. */
    Uni<Void> start(String adapter, CanaryRequest wanted) {
        var version = catalog.require(adapter, wanted.version());
        var standing = catalog.standing(adapter)
                .orElseThrow(() -> ApiException.conflict(
                        adapter + " has no stable version beside which another could be tried; promote one"));
        if (standing.version().equals(version.version())) {
            throw ApiException.conflict(version.version() + " is the stable version of " + adapter);
        }
        var running = Optional.ofNullable(standing.canary());
        if (running.filter(other -> !other.version().equals(version.version())).isPresent()) {
            throw ApiException.conflict(
                    adapter + " has a canary, " + running.get().version() + "; promote it or end it first");
        }
        var canary = new Canary(
                version,
                wanted.share(configured),
                running.map(Canary::since).orElseGet(Instant::now),
                wanted.bounds(configured));
        return say(standing, standing, canary, Kind.STARTED);
    }

    /** Gives it another share. */
    Uni<Void> share(String adapter, double share) {
        var standing = requireRunning(adapter);
        return say(standing, standing, standing.canary().withShare(share), Kind.SHARE_CHANGED);
    }

    /** Makes it the stable version. */
    Uni<Void> promote(String adapter) {
        var standing = requireRunning(adapter);
        return say(standing, standing.canary().checkpoint(), null, Kind.PROMOTED);
    }

    /** Tries it no more. */
    Uni<Void> rollBack(String adapter) {
        var standing = requireRunning(adapter);
        return say(standing, standing, null, Kind.ROLLED_BACK);
    }

    /** Carries a verdict out. */
    Uni<Void> carryOut(CheckpointEvent standing, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Wait _ -> Uni.createFrom().voidItem();
            case Verdict.Promote(var reason) ->
                topics.ownDecision(decision(standing, standing.canary().checkpoint(), null, Kind.PROMOTED, reason));
            case Verdict.RollBack back ->
                topics.ownDecision(decision(standing, standing, null, Kind.ROLLED_BACK, back.reason()));
        };
    }

    /** Repeats what stands, so that compaction leaves that and not a decision that came too late. */
    Uni<Void> uphold(AdapterCatalog.Contested contested) {
        return contested
                .standing()
                .map(standing -> topics.ownDecision(decision(
                        standing,
                        standing,
                        standing.canary(),
                        Kind.UPHELD,
                        "a decision that was based on an older event came after it")))
                .orElseGet(() -> topics.ownRetirement(contested.adapter()));
    }

    private Uni<Void> say(CheckpointEvent standing, CheckpointEvent stable, Canary canary, Kind kind) {
        var about = canary == null ? standing.canary() : canary;
        RequestContext.adapter(standing.adapter(), Optional.of(about.version()));
        var event = decision(
                standing,
                stable,
                canary,
                kind,
                permissions.keyName().map(name -> "asked for by " + name).orElse("asked for"));
        return topics.decision(event).invoke(() -> requireStands(event));
    }

    /** Whether it counts, as far as it was read within the time that a request may take. */
    private void requireStands(CheckpointEvent event) {
        boolean late = catalog.contested().stream()
                .anyMatch(contested -> contested.adapter().equals(event.adapter()));
        if (late) {
            throw ApiException.conflict("something else was decided about " + event.adapter()
                    + " at the same time, and holds; see GET /v1/adapters/" + event.adapter());
        }
    }

    private static CheckpointEvent decision(
            CheckpointEvent standing, CheckpointEvent stable, Canary canary, Kind kind, String reason) {
        var about = canary == null ? standing.canary() : canary;
        // what is upheld may have no canary any more
        var version = about == null ? standing.version() : about.version();
        return stable.decided(Instant.now(), canary, new CanaryDecision(kind, version, reason, standing.time()));
    }

    private CheckpointEvent requireRunning(String adapter) {
        return catalog.standing(adapter)
                .filter(standing -> standing.canary() != null)
                .orElseThrow(() -> ApiException.notFound(
                        adapter + " has no canary; POST /v1/adapters/" + adapter + "/canary begins one"));
    }
}
