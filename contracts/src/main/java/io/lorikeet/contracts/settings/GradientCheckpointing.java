package io.lorikeet.contracts.settings;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether activations are computed again in the backward pass to save memory. The result is the same. */
public enum GradientCheckpointing {
    @JsonProperty("true")
    ON,
    @JsonProperty("false")
    OFF,
    /** Only if the activations would not fit. */
    @JsonProperty("auto")
    AUTO
}
