package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a replica of the inference service serves, on {@link Topics#REPLICAS}: said anew when it changes, and every {@link
 * #INTERVAL} so that a replica that has died is told from one that lives. One that leaves says so with a null value (a
 * tombstone).
 *
 * @param replica its name, other than that of any other replica
 * @param time when this was so
 * @param base the base model that it serves; null in reports of before it was said
 * @param adapters every name that it serves or has refused
 */
@JsonPropertyOrder("schema_version")
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonTypeName("replica")
public record ReplicaReport(String replica, Instant time, BaseModel base, List<ServedAdapter> adapters)
        implements Message {
    /** So often it is said at least. */
    public static final Duration INTERVAL = Duration.ofSeconds(30);
    /** Who has been silent for so long is gone. */
    public static final Duration LONGEST_SILENCE = Duration.ofSeconds(100);
    /** A host and a port, or whatever else tells replicas apart. */
    public static final String NAME = "[A-Za-z0-9._:-]{1,253}";

    public ReplicaReport {
        Checks.matches("replica", replica, NAME);
        Checks.present("time", time);
        adapters = Checks.list("adapters", adapters);
    }

    @Override
    public String key() {
        return replica;
    }

    @JsonProperty(value = "schema_version", access = JsonProperty.Access.READ_ONLY)
    public int schemaVersion() {
        return 1;
    }

    /**
     * A name at a replica.
     *
     * @param version that is served; null if none is
     * @param canary version beside it that it keeps for the gateways' trial; null if none is tried, or it could not be taken in
     * @param resident whether the served version is on the device now; if not, the next request for it brings it there.
     *     Absent, as in reports of before it was said: false
     * @param refused what was refused last, if nothing newer has settled since; null if nothing was
     */
    public record ServedAdapter(
            String adapter, String version, String canary, Boolean resident, RefusedVersion refused) {
        public ServedAdapter {
            Checks.matches("adapter", adapter, TrainCommand.ADAPTER);
            if (version != null) {
                Checks.matches("version", version, CheckpointEvent.VERSION);
            }
            if (canary != null) {
                Checks.matches("canary", canary, CheckpointEvent.VERSION);
            }
            resident = Boolean.TRUE.equals(resident);
        }
    }

    /**
     * A version that a replica does not serve.
     *
     * @param version null if the checkpoint event did not even name one
     * @param reason few and fixed words, those of the metric {@code lorikeet_adapter_rejections_total}
     * @param detail what was found and what would be right
     */
    public record RefusedVersion(String version, String reason, String detail, Instant time) {
        public RefusedVersion {
            Checks.present("reason", reason);
            Checks.present("time", time);
        }
    }
}
