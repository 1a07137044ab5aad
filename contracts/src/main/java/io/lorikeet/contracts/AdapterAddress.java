package io.lorikeet.contracts;

import java.util.Optional;

/**
 * Who is asked, as requests say it: an adapter's name, or {@code NAME@VERSION} for a version of it, whatever the name points
 * at. Names hold no {@code @}; versions do.
 *
 * @param version empty: the one that the name points at
 */
public record AdapterAddress(String adapter, Optional<String> version) {
    /** What an address of an adapter looks like. */
    public static final String PATTERN = TrainCommand.ADAPTER + "(?:@" + CheckpointEvent.VERSION + ")?";

    private static final String FINE_TUNED = "ft:";

    /** What a request's model says, be it an address or not; of a {@link FineTunedModel} the base's id may hold anything. */
    public static AdapterAddress of(String model) {
        int at = model.indexOf('@', model.startsWith(FINE_TUNED) ? model.lastIndexOf(':') : 0);
        return at < 0
                ? new AdapterAddress(model, Optional.empty())
                : new AdapterAddress(model.substring(0, at), Optional.of(model.substring(at + 1)));
    }

    /** As requests say it. */
    public String text() {
        return version.map(named -> adapter + "@" + named).orElse(adapter);
    }
}
