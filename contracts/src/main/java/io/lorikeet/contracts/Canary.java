package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/**
 * A version that answers a share of its adapter's requests beside the stable one, until it is promoted or taken back. In JSON
 * the fields of its checkpoint and its own stand flat in one object.
 *
 * @param checkpoint the version, as a checkpoint event of its own would say it
 * @param share of the requests that name the adapter and no version, above 0 to 1
 * @param since when it began
 */
public record Canary(CheckpointEvent checkpoint, double share, Instant since, CanaryBounds bounds) {
    private static final List<String> ENVELOPE = List.of("type", "schema_version");

    /** What it adds to a checkpoint. */
    record Trial(Double share, Instant since, CanaryBounds bounds) {
        Trial {
            Checks.present("share", share);
        }
    }

    public Canary {
        Checks.present("version", checkpoint);
        checkpoint = checkpoint.alone();
        Checks.share("share", share);
        Checks.above("share", share, 0);
        Checks.present("since", since);
        Checks.present("bounds", bounds);
    }

    /** The version that is tried. */
    public String version() {
        return checkpoint.version();
    }

    /** The same with another share. */
    public Canary withShare(double other) {
        return new Canary(checkpoint, other, since, bounds);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Canary read(ObjectNode json) {
        var trial = Json.convert(json, Trial.class);
        return new Canary(Json.convert(json, CheckpointEvent.class), trial.share(), trial.since(), trial.bounds());
    }

    @JsonValue
    ObjectNode json() {
        ObjectNode json = Json.mapper().valueToTree(checkpoint);
        json.remove(ENVELOPE);
        ObjectNode trial = Json.mapper().valueToTree(new Trial(share, since, bounds));
        return json.setAll(trial);
    }
}
