package io.lorikeet.benchmarks.gpu;

import io.lorikeet.benchmarks.report.ProcessMemory;

/** The most memory that this process has beside the pages of mapped files, looked at every ten milliseconds from now on. */
final class PeakMemory {
    private static final int PERIOD_MS = 10;

    private final Thread thread =
            Thread.ofPlatform().daemon().name("peak-memory").unstarted(this::run);
    private volatile boolean stopped;
    private volatile long peak;

    PeakMemory() {
        thread.start();
    }

    private void run() {
        while (!stopped) {
            peak = Math.max(peak, ProcessMemory.current().anonymous());
            try {
                Thread.sleep(PERIOD_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** In bytes; looks no more. */
    long stop() {
        stopped = true;
        return peak;
    }
}
