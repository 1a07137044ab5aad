package io.lorikeet.gateway.training;

import io.lorikeet.contracts.TrainingEvent;

/**
 * An event and where it stands.
 *
 * @param bytes of its record
 */
public record Located(TrainingEvent event, Place place, int bytes) {}
