package io.lorikeet.gateway.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.ReplicaReport;
import io.lorikeet.contracts.ReplicaReport.ServedAdapter;
import io.lorikeet.contracts.Shown;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What each replica of the inference service says that it serves. Those that have been silent for long are gone. */
@ApplicationScoped
public class ReplicaCatalog {
    private record Replica(Instant time, Map<String, ServedAdapter> adapters) {}

    private final NavigableMap<String, Replica> replicas = new TreeMap<>();
    private final Clock clock;

    ReplicaCatalog() {
        this(Clock.systemUTC());
    }

    ReplicaCatalog(Clock clock) {
        this.clock = clock;
    }

    /**
     * A replica and an adapter.
     *
     * @param replica its name
     * @param version that it serves; null if none
     * @param refused what it has refused, if nothing newer has settled since
     * @param time when it said so
     */
    public record AtReplica(String replica, String version, ReplicaReport.RefusedVersion refused, Instant time) {}

    /** Takes a record of the topic. */
    public void take(ConsumerRecord<byte[], byte[]> record) {
        var name = record.key() == null ? null : new String(record.key(), UTF_8);
        if (record.value() == null) {
            left(name);
            return;
        }
        var report = Json.read(record.value(), ReplicaReport.class);
        if (!report.replica().equals(name)) {
            throw new ContractException(
                    "replica report",
                    new Problem("replica", "is " + report.replica(), Shown.value(name) + ", as the record's key says"));
        }
        take(report);
    }

    private synchronized void left(String name) {
        if (name != null) {
            replicas.remove(name);
        }
    }

    private synchronized void take(ReplicaReport report) {
        var adapters = new HashMap<String, ServedAdapter>();
        report.adapters().forEach(adapter -> adapters.put(adapter.adapter(), adapter));
        replicas.put(report.replica(), new Replica(report.time(), adapters));
        var oldest = clock.instant().minus(ReplicaReport.LONGEST_SILENCE);
        replicas.values().removeIf(replica -> replica.time().isBefore(oldest));
    }

    /** How a replica stands to an adapter. */
    public enum Standing {
        /** It has it on its device. */
        RESIDENT,
        /** It serves it. */
        SERVED,
        /** It does not serve it. */
        ABSENT,
        /** It has not said. */
        UNKNOWN
    }

    /**
     * How those replicas stand to a model that have said anything, by their names.
     *
     * @param model an adapter's name or fine-tuned model, also one version of it ({@code NAME@VERSION}); nobody serves a base
     */
    public synchronized Map<String, Standing> standings(String model) {
        var wanted = Wanted.of(model);
        var standings = new HashMap<String, Standing>();
        replicas.forEach((name, replica) -> {
            var there = replica.adapters().get(wanted.adapter());
            boolean served = there != null
                    && there.version() != null
                    && wanted.version().map(there.version()::equals).orElse(true);
            standings.put(name, !served ? Standing.ABSENT : there.resident() ? Standing.RESIDENT : Standing.SERVED);
        });
        return standings;
    }

    private record Wanted(String adapter, Optional<String> version) {
        static Wanted of(String model) {
            int at = model.indexOf('@');
            var name = at < 0 ? model : model.substring(0, at);
            return new Wanted(
                    FineTunedModel.ofName(name).map(FineTunedModel::adapter).orElse(name),
                    at < 0 ? Optional.empty() : Optional.of(model.substring(at + 1)));
        }
    }

    /** What the living replicas say of a name, by their names; one that says nothing of it serves nothing under it. */
    synchronized List<AtReplica> of(String adapter) {
        var oldest = clock.instant().minus(ReplicaReport.LONGEST_SILENCE);
        return replicas.entrySet().stream()
                .filter(each -> !each.getValue().time().isBefore(oldest))
                .map(each -> {
                    var there = each.getValue().adapters().get(adapter);
                    return new AtReplica(
                            each.getKey(),
                            there == null ? null : there.version(),
                            there == null ? null : there.refused(),
                            each.getValue().time());
                })
                .collect(Collectors.toList());
    }
}
