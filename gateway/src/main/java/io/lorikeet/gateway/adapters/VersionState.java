package io.lorikeet.gateway.adapters;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What has become of a version. */
public enum VersionState {
    /** Its name points at it. */
    @JsonProperty("stable")
    STABLE,
    /** It answers a share of its name's requests. */
    @JsonProperty("canary")
    CANARY,
    /** It was served once. */
    @JsonProperty("superseded")
    SUPERSEDED,
    /** Its job did not promote it, or no job has made it. */
    @JsonProperty("not_promoted")
    NOT_PROMOTED
}
