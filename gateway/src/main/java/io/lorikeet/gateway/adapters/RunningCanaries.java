package io.lorikeet.gateway.adapters;

import java.util.Optional;

/** Where it is known how canaries do. */
public interface RunningCanaries {
    /** The canary of an adapter. */
    Optional<CanaryView> of(String adapter);
}
