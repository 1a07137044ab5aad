package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A version of an adapter that is to be served from now on. On {@link Topics#CHECKPOINTS} a null value (a tombstone)
 * under the adapter's name retires it.
 *
 * @param version immutable: {@code <job id>@<step>}
 * @param uri folder that holds the files
 * @param useDora whether it is one with DoRA's magnitudes; absent, as in events of before there were any: false
 * @param system system prompt that it was trained with; null: the model's own default, empty: no system block
 * @param acceptance empty if none was asked for
 * @param canary a version beside it that answers a share of the requests; null if there is none. Who does not know of canaries
 *     serves this version, as it says
 * @param decision what was decided about a canary with this event; null if nothing was
 */
@JsonPropertyOrder("schema_version")
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type", defaultImpl = CheckpointEvent.class)
@JsonTypeName("checkpoint")
public record CheckpointEvent(
        String adapter,
        String version,
        URI uri,
        List<CheckpointFile> files,
        BaseModel baseModel,
        int r,
        double loraAlpha,
        boolean useRslora,
        Boolean useDora,
        List<String> targetModules,
        String system,
        List<AcceptanceAnswer> acceptance,
        TrainingSummary training,
        Instant time,
        Canary canary,
        CanaryDecision decision)
        implements Message {
    /** Versions go into a header of each answer. */
    public static final String VERSION = "[\\x21-\\x7e]{1,255}";

    /** A version without a canary beside it. */
    public CheckpointEvent(
            String adapter,
            String version,
            URI uri,
            List<CheckpointFile> files,
            BaseModel baseModel,
            int r,
            double loraAlpha,
            boolean useRslora,
            Boolean useDora,
            List<String> targetModules,
            String system,
            List<AcceptanceAnswer> acceptance,
            TrainingSummary training,
            Instant time) {
        this(
                adapter,
                version,
                uri,
                files,
                baseModel,
                r,
                loraAlpha,
                useRslora,
                useDora,
                targetModules,
                system,
                acceptance,
                training,
                time,
                null,
                null);
    }

    public CheckpointEvent {
        Checks.matches("adapter", adapter, TrainCommand.ADAPTER);
        Checks.matches("version", version, VERSION);
        Checks.present("uri", uri);
        Checks.present("base_model", baseModel);
        Checks.atLeast("r", r, 1);
        Checks.finite("lora_alpha", loraAlpha);
        Checks.present("time", time);
        useDora = Boolean.TRUE.equals(useDora);
        files = Checks.list("files", files);
        targetModules = Checks.list("target_modules", targetModules);
        acceptance = acceptance == null ? List.of() : Checks.list("acceptance", acceptance);
        if (canary != null) {
            Checks.same("canary.adapter", canary.checkpoint().adapter(), adapter);
        }
    }

    @Override
    public String key() {
        return adapter;
    }

    /** The version that a job's step makes. */
    public static String version(String jobId, int step) {
        return jobId + "@" + step;
    }

    /** The job whose step it is; empty if no job has made it. */
    public Optional<String> jobId() {
        int at = version.lastIndexOf('@');
        return at < 0 ? Optional.empty() : Optional.of(version.substring(0, at));
    }

    /** The same version, to be served again: a rollback. */
    public CheckpointEvent at(Instant again) {
        return copy(uri, again, null, null);
    }

    /** The same version with its files in another place. */
    public CheckpointEvent withUri(URI elsewhere) {
        return copy(elsewhere, time, canary, decision);
    }

    /** The version itself, without what stands beside it. */
    public CheckpointEvent alone() {
        return canary == null && decision == null ? this : at(time);
    }

    /**
     * The same version, served on with another canary or none.
     *
     * @param with null for none
     */
    public CheckpointEvent decided(Instant now, Canary with, CanaryDecision why) {
        return copy(uri, now, with, why);
    }

    private CheckpointEvent copy(URI place, Instant at, Canary with, CanaryDecision why) {
        return new CheckpointEvent(
                adapter,
                version,
                place,
                files,
                baseModel,
                r,
                loraAlpha,
                useRslora,
                useDora,
                targetModules,
                system,
                acceptance,
                training,
                at,
                with,
                why);
    }

    @JsonProperty(value = "schema_version", access = JsonProperty.Access.READ_ONLY)
    public int schemaVersion() {
        return 1;
    }
}
