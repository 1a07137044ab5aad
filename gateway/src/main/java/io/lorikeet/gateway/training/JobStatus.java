package io.lorikeet.gateway.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a job stands. */
public enum JobStatus {
    @JsonProperty("queued")
    QUEUED,
    @JsonProperty("running")
    RUNNING,
    @JsonProperty("succeeded")
    SUCCEEDED,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("cancelled")
    CANCELLED,
    /** A dry run that is over. */
    @JsonProperty("validated")
    VALIDATED;

    /** Whether nothing more is to come, unless the job is tried again. */
    boolean finished() {
        return switch (this) {
            case QUEUED, RUNNING -> false;
            case SUCCEEDED, FAILED, CANCELLED, VALIDATED -> true;
        };
    }
}
