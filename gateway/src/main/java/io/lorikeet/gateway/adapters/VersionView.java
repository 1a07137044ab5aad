package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import java.time.Instant;

/**
 * A version as HTTP shows it.
 *
 * @param jobId null if no job has made it
 * @param time when it was made
 * @param checkpoint all else, such as its acceptance, its base and a summary of its training
 */
public record VersionView(String version, VersionState state, String jobId, Instant time, CheckpointEvent checkpoint) {}
