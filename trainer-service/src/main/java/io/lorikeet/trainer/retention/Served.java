package io.lorikeet.trainer.retention;

import java.util.Optional;
import java.util.Set;

/** What is served now. */
@FunctionalInterface
public interface Served {
    /** The versions; empty if that cannot be told. Asked before each deletion, since it may change meanwhile. */
    Optional<Set<String>> versions();
}
