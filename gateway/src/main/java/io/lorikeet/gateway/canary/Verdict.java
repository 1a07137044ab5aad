package io.lorikeet.gateway.canary;

/** What is to be done with a canary. */
sealed interface Verdict {
    /** In words, for people. */
    String reason();

    /** Nothing yet. */
    record Wait(String reason) implements Verdict {}

    /** It is the stable version from now on. */
    record Promote(String reason) implements Verdict {}

    /** It is tried no more. */
    record RollBack(Bound passed, String reason) implements Verdict {}

    /** What it has not kept, a metric's label. */
    enum Bound {
        ERROR_RATE,
        LATENCY,
        ACCEPTANCE,
        /** No replica takes it. */
        FITNESS
    }
}
