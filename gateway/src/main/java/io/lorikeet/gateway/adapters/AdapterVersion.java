package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;

/**
 * A version that could be served.
 *
 * @param promoted whether it has ever been served
 */
public record AdapterVersion(CheckpointEvent checkpoint, boolean promoted) {}
