package io.lorikeet.benchmarks.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** When the tokens of several streams came. Each stream writes its own row, so that no lock slows the measured program. */
final class TokenClock {
    private final List<List<Long>> arrivals;

    TokenClock(int streams) {
        arrivals = IntStream.range(0, streams)
                .<List<Long>>mapToObj(_ -> new ArrayList<>())
                .toList();
    }

    /** A token of a stream has come. */
    void token(int stream) {
        arrivals.get(stream).add(System.nanoTime());
    }

    /**
     * Tokens a second of all streams together, over the time in which all of them were being decoded: from the last one's
     * first token to the first one's last.
     */
    double tokensPerSecond() {
        long from = arrivals.stream().mapToLong(List::getFirst).max().orElseThrow();
        long to = arrivals.stream().mapToLong(List::getLast).min().orElseThrow();
        if (to <= from) {
            throw new IllegalStateException("the streams did not run at the same time; take more tokens a stream");
        }
        long tokens = arrivals.stream()
                .mapToLong(
                        times -> times.stream().filter(t -> t > from && t <= to).count())
                .sum();
        return tokens / ((to - from) / 1e9);
    }

    /** Tokens of all streams. */
    long tokens() {
        return arrivals.stream().mapToLong(List::size).sum();
    }
}
