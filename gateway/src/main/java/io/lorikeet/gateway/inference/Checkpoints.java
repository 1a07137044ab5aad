package io.lorikeet.gateway.inference;

import io.lorikeet.contracts.CheckpointEvent;

/** Where the checkpoints of versions are known. */
public interface Checkpoints {
    /**
     * The checkpoint of a version, served or not.
     *
     * @throws io.lorikeet.http.ApiException 404 if there is no such version
     */
    CheckpointEvent require(String adapter, String version);
}
