package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;

/**
 * A version whose checkpoint has been published, and could be served.
 *
 * @param promoted whether it has ever been served
 */
public record PublishedVersion(CheckpointEvent checkpoint, boolean promoted) {}
