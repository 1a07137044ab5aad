package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CanaryDecision;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.gateway.adapters.ReplicaCatalog.AtReplica;
import java.util.List;

/**
 * An adapter's name and what stands behind it.
 *
 * @param version the one that was asked for last; null if none is to be served, because none was promoted yet or the adapter
 *     was deleted
 * @param checkpoint what was said about that version
 * @param canary the version that answers a share of its requests; null if there is none
 * @param decision what was decided about a canary with what stands; null if that came about otherwise
 * @param versions every version that is known, the newest first
 * @param replicas what each replica of the inference service says that it serves under the name
 */
public record AdapterView(
        String name,
        String version,
        CheckpointEvent checkpoint,
        CanaryView canary,
        CanaryDecision decision,
        List<VersionView> versions,
        List<AtReplica> replicas) {
    AdapterView with(CanaryView running) {
        return new AdapterView(name, version, checkpoint, running, decision, versions, replicas);
    }
}
