package io.lorikeet.gateway;

import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.adapters.AdapterCatalog.ServedAdapter;
import io.lorikeet.gateway.adapters.ReplicaCatalog;
import io.lorikeet.gateway.adapters.ReplicaCatalog.ReplicaView;
import io.lorikeet.gateway.inference.Replicas;
import io.lorikeet.gateway.kafka.Broker;
import io.lorikeet.gateway.kafka.Replay;
import io.lorikeet.gateway.training.JobStatus;
import io.lorikeet.gateway.training.Jobs;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How everything stands, in one answer. */
@Path("/v1/overview")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Overview")
public class OverviewResource {
    private static final int ADAPTERS = 8;

    private final Replay replay;
    private final Broker broker;
    private final Jobs jobs;
    private final AdapterCatalog adapters;
    private final ReplicaCatalog catalog;
    private final Replicas replicas;
    private final GatewayConfig config;

    OverviewResource(
            Replay replay,
            Broker broker,
            Jobs jobs,
            AdapterCatalog adapters,
            ReplicaCatalog catalog,
            Replicas replicas,
            GatewayConfig config) {
        this.replay = replay;
        this.broker = broker;
        this.jobs = jobs;
        this.adapters = adapters;
        this.catalog = catalog;
        this.replicas = replicas;
        this.config = config;
    }

    /**
     * How everything stands.
     *
     * @param adapters those that were changed last
     * @param tokensPerSecond that the replicas which this gateway asks generate together, over the last ten seconds; null if
     *     none of them says so
     */
    public record Overview(
            Health health,
            Queue queue,
            List<ServedAdapter> adapters,
            List<ReplicaView> replicas,
            Double tokensPerSecond,
            Links links) {}

    /**
     * Whether it works.
     *
     * @param ready whether jobs and adapters are known
     * @param broker whether the broker answers, in words
     */
    public record Health(boolean ready, String broker) {}

    /** Training jobs that wait and run. */
    public record Queue(long waiting, long running) {}

    /**
     * Where else to look.
     *
     * @param grafana null if it is not known where that is
     */
    public record Links(URI grafana, URI docs) {}

    @GET
    @Operation(summary = "How everything stands: health, queue, the adapters changed last, replicas")
    public Overview get() {
        var tokensPerSecond = replicas.tokensPerSecond();
        return new Overview(
                new Health(replay.done(), broker.describe()),
                new Queue(jobs.count(JobStatus.QUEUED), jobs.count(JobStatus.RUNNING)),
                adapters.changedLast(ADAPTERS),
                catalog.views(replicas.addresses()),
                tokensPerSecond.isPresent() ? tokensPerSecond.getAsDouble() : null,
                new Links(config.grafanaUrl().orElse(null), URI.create("/docs")));
    }
}
