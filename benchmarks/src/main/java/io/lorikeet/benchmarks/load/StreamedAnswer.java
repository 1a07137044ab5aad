package io.lorikeet.benchmarks.load;

import java.util.List;
import java.util.Optional;

/**
 * A streamed answer as its client saw it.
 *
 * @param status of HTTP
 * @param version as the header names it; empty for the base model and for errors
 * @param text of the deltas; of an error, its body
 * @param finishReason empty if the client hung up
 * @param arrivals when each delta with text came, in nanoseconds
 */
public record StreamedAnswer(
        int status,
        Optional<String> adapter,
        Optional<String> version,
        String text,
        Optional<String> finishReason,
        List<Long> arrivals) {

    public StreamedAnswer {
        arrivals = List.copyOf(arrivals);
    }

    /** Whether it is whole, and says the number of the version that it names. */
    public boolean provesItsVersion() {
        return version.isPresent()
                && finishReason.equals(Optional.of("stop"))
                && text.equals(NumberedAdapters.sentence(NumberedAdapters.number(version.get())));
    }
}
