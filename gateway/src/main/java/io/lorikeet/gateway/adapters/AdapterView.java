package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import java.util.List;

/**
 * An adapter's name and what stands behind it.
 *
 * @param version the one that is served; null if none is, because none was promoted yet or the adapter was deleted
 * @param checkpoint what was said about that version
 * @param versions every version that is known, the newest first
 */
public record AdapterView(String name, String version, CheckpointEvent checkpoint, List<PublishedVersion> versions) {}
