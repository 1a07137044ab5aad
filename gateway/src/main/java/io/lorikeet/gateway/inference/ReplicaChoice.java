package io.lorikeet.gateway.inference;

import io.lorikeet.gateway.adapters.ReplicaCatalog.Standing;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which replica is asked: one that takes requests and has not been asked yet, that serves the adapter if any does, and of
 * those the one with the fewest outstanding requests, unless another that has the adapter on its device is not clearly busier.
 */
final class ReplicaChoice {
    /** So many more requests outweigh that an adapter is on the device: bringing it there takes less than a few answers. */
    static final int CLEARLY_BUSIER = 4;

    private ReplicaChoice() {}

    /** Where no replica is well, one is asked all the same: who looks after them may be wrong. */
    static Optional<Replica> choose(
            List<Replica> replicas, Set<Replica> asked, Optional<String> model, Function<Replica, Standing> standing) {
        var some = preferring(replicas, replica -> !asked.contains(replica));
        some = preferring(some, replica -> replica.isReady() && !replica.isShutOff());
        some = preferring(some, replica -> !replica.isShutOff());
        some = preferring(some, replica -> standing.apply(replica) != Standing.ABSENT);
        var fewest = fewest(some, model);
        var resident = fewest(
                some.stream()
                        .filter(replica -> standing.apply(replica) == Standing.RESIDENT)
                        .toList(),
                model);
        return resident.filter(
                        there -> there.outstanding() < fewest.orElseThrow().outstanding() + CLEARLY_BUSIER)
                .or(() -> fewest);
    }

    private static List<Replica> preferring(List<Replica> replicas, Predicate<Replica> preferred) {
        var some = replicas.stream().filter(preferred).toList();
        return some.isEmpty() ? replicas : some;
    }

    /** Of those that are as busy, a model goes to the same one while it can: what it has kept of the model's prompts helps. */
    private static Optional<Replica> fewest(List<Replica> replicas, Optional<String> model) {
        return replicas.stream()
                .min(Comparator.comparingInt(Replica::outstanding).thenComparing(replica -> rank(replica, model)));
    }

    /** Rendezvous hashing: the order of replicas for a model, which stays as it is when others come and go. */
    private static int rank(Replica replica, Optional<String> model) {
        int hash = 31 * replica.toString().hashCode() + model.orElse("").hashCode();
        // the finaliser of MurmurHash3: neighbouring ports must not rank alike
        hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
        return hash ^ (hash >>> 16);
    }
}
