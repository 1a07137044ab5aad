package io.lorikeet.gateway.canary;

import io.lorikeet.gateway.adapters.CanaryView.Figures;
import io.lorikeet.gateway.inference.Trials.End;
import java.time.Duration;
import java.util.Arrays;

/** What came of the requests of one side of a trial, at this gateway. Thread-safe. */
final class Tally {
    /** Of so many of the newest answers the times are known. */
    private static final int NEWEST = 512;

    private final long[] micros = new long[NEWEST];
    private long answered;
    private long failed;

    synchronized void ended(End end, Duration took) {
        switch (end) {
            case ANSWERED -> micros[(int) (answered++ % NEWEST)] = took.toNanos() / 1_000;
            case FAILED -> failed++;
            case NEITHER -> {}
        }
    }

    synchronized Figures figures() {
        long requests = answered + failed;
        return new Figures(requests, failed, requests == 0 ? 0 : (double) failed / requests, median());
    }

    private Double median() {
        int count = (int) Math.min(answered, NEWEST);
        if (count == 0) {
            return null;
        }
        var sorted = Arrays.copyOf(micros, count);
        Arrays.sort(sorted);
        return sorted[count / 2] / 1e6;
    }
}
