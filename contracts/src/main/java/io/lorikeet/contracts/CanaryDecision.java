package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * What was decided about a canary: the event that carries it is the decision. It counts only if the event that it replaces is
 * still the one that stands (module messaging, {@code CheckpointOrder}), so that of two which were made at once the first one counts, and none undoes
 * what it did not know of.
 *
 * @param version the canary's
 * @param reason in words
 * @param replaces {@link CheckpointEvent#time} of the event that it was based on
 */
public record CanaryDecision(Kind kind, String version, String reason, Instant replaces) {
    /** What became of it. */
    public enum Kind {
        /** It is tried from now on. */
        @JsonProperty("started")
        STARTED,
        /** It gets another share. */
        @JsonProperty("share_changed")
        SHARE_CHANGED,
        /** It is the stable version from now on. */
        @JsonProperty("promoted")
        PROMOTED,
        /** It is tried no more; the stable version stays. */
        @JsonProperty("rolled_back")
        ROLLED_BACK,
        /** Nothing: a decision that came too late is the topic's last word, and this repeats what stands. */
        @JsonProperty("upheld")
        UPHELD
    }

    public CanaryDecision {
        Checks.present("kind", kind);
        Checks.matches("version", version, CheckpointEvent.VERSION);
        Checks.present("reason", reason);
        Checks.present("replaces", replaces);
    }
}
