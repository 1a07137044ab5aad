package io.lorikeet.gateway.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.BaseModel;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What each replica of the inference service says that it serves. Those that have been silent for long are gone. */
@ApplicationScoped
public class ReplicaCatalog {
    private record Replica(Instant time, BaseModel base, Map<String, ServedAdapter> adapters) {}

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

    /**
     * A replica.
     *
     * @param address where this gateway asks it; null if it does not
     * @param base the model that it serves; null if it does not say
     * @param time when it said so
     * @param adapters names that it serves, with the version behind each, and canaries that it keeps
     */
    public record ReplicaView(
            String replica,
            String address,
            BaseModel base,
            Instant time,
            List<ServedVersion> adapters,
            List<RefusedAdapter> refused) {}

    /** A name and a version of it. */
    public record ServedVersion(String adapter, String version, VersionState state) {}

    /** What it has refused last under a name. */
    public record RefusedAdapter(String adapter, String version, String reason, String detail, Instant time) {}

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
        replicas.put(report.replica(), new Replica(report.time(), report.base(), adapters));
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
        var asked = AdapterAddress.of(model);
        var adapter = FineTunedModel.adapterOf(asked.adapter());
        var standings = new HashMap<String, Standing>();
        replicas.forEach((name, replica) -> {
            var there = replica.adapters().get(adapter);
            boolean served = there != null
                    && asked.version()
                            .map(named -> named.equals(there.version()) || named.equals(there.canary()))
                            .orElse(there.version() != null);
            standings.put(name, !served ? Standing.ABSENT : there.resident() ? Standing.RESIDENT : Standing.SERVED);
        });
        return standings;
    }

    /**
     * All that the living replicas say.
     *
     * @param addresses of those that this gateway asks, by name
     */
    public synchronized List<ReplicaView> views(Map<String, String> addresses) {
        return living().map(each -> {
                    var adapters = each.getValue().adapters().values().stream()
                            .sorted(Comparator.comparing(ServedAdapter::adapter))
                            .toList();
                    return new ReplicaView(
                            each.getKey(),
                            addresses.get(each.getKey()),
                            each.getValue().base(),
                            each.getValue().time(),
                            adapters.stream().flatMap(ReplicaCatalog::versions).toList(),
                            adapters.stream()
                                    .filter(adapter -> adapter.refused() != null)
                                    .map(ReplicaCatalog::refused)
                                    .toList());
                })
                .toList();
    }

    private static Stream<ServedVersion> versions(ServedAdapter adapter) {
        var stable = Stream.ofNullable(adapter.version())
                .map(version -> new ServedVersion(adapter.adapter(), version, VersionState.STABLE));
        var canary = Stream.ofNullable(adapter.canary())
                .map(version -> new ServedVersion(adapter.adapter(), version, VersionState.CANARY));
        return Stream.concat(stable, canary);
    }

    private static RefusedAdapter refused(ServedAdapter adapter) {
        var refused = adapter.refused();
        return new RefusedAdapter(
                adapter.adapter(), refused.version(), refused.reason(), refused.detail(), refused.time());
    }

    private Stream<Map.Entry<String, Replica>> living() {
        var oldest = clock.instant().minus(ReplicaReport.LONGEST_SILENCE);
        return replicas.entrySet().stream()
                .filter(each -> !each.getValue().time().isBefore(oldest));
    }

    /** What the living replicas say of a name, by their names; one that says nothing of it serves nothing under it. */
    synchronized List<AtReplica> of(String adapter) {
        return living().map(each -> {
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
