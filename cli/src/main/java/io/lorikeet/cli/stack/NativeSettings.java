package io.lorikeet.cli.stack;

import java.util.HashMap;
import java.util.Map;

/**
 * Environment for the native half of processes that share one machine with each other, a broker and their clients: libtorch's
 * OpenMP threads and glibc's memory. What the user's own environment says stays.
 */
public final class NativeSettings {
    /**
     * OpenMP's threads wait for each other by spinning, and one that spins may keep off the very thread that it waits for: so
     * not for long.
     */
    private static final Map.Entry<String, String> SPIN = Map.entry("GOMP_SPINCOUNT", "20000");

    /** glibc keeps what threads have freed, in an arena for each few of them; few arenas keep little. */
    private static final Map.Entry<String, String> ARENAS = Map.entry("MALLOC_ARENA_MAX", "2");

    private NativeSettings() {}

    /** For the trainer, which computes on every core: a training does not mind being disturbed now and then. */
    public static Map<String, String> training() {
        return ours(Map.ofEntries(SPIN, ARENAS));
    }

    /**
     * For inference, on half of the cores. A token takes hundreds of operators, each as slow as its slowest thread; with a
     * thread on every core, that is the one whose core the broker, a client or a swap has just taken.
     */
    public static Map<String, String> serving() {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return ours(Map.ofEntries(SPIN, ARENAS, Map.entry("OMP_NUM_THREADS", Integer.toString(threads))));
    }

    private static Map<String, String> ours(Map<String, String> settings) {
        Map<String, String> environment = new HashMap<>(settings);
        environment.keySet().removeAll(System.getenv().keySet());
        return environment;
    }
}
