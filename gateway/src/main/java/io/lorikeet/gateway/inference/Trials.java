package io.lorikeet.gateway.inference;

import java.time.Duration;
import java.util.Optional;

/** Where it is known which adapters have a canary, a version that answers a share of their requests. */
public interface Trials {
    /** How a request ended, as far as it tells one version from another. */
    enum End {
        /** It was answered, to the end. */
        ANSWERED,
        /** The inference service failed, was too slow, or broke off. */
        FAILED,
        /** Whoever asked was refused, or went away. */
        NEITHER
    }

    /** A request of an adapter that has a canary. */
    interface Part {
        /** The request as the canary is asked; empty if it falls to the stable version. */
        Optional<CompletionRequest> canary();

        /** It has ended; the first call counts. */
        void ended(End end, Duration took);
    }

    /**
     * The part that a request has in a trial; empty if what it asks for has no canary.
     *
     * @param key of whoever sends it
     */
    Optional<Part> part(CompletionRequest request, Optional<String> key);
}
