package io.lorikeet.benchmarks.chaos;

import io.lorikeet.benchmarks.load.Announcer;
import io.lorikeet.benchmarks.load.NumberedAdapters;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.CheckpointEvent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The versions that are announced while all goes on: what is served in the end must be the last of each name. */
final class Announced {
    /** Swapped all the time. */
    static final List<String> NAMES = List.of("adapter-0", "adapter-1");
    /** Whose file is broken now and then. */
    static final String VICTIM = "victim";

    private final Announcer announcer;
    private final NumberedAdapters adapters;
    private final Map<String, String> last = new TreeMap<>();
    private long serial;

    /** @param adapters of which the last is the victim's alone */
    Announced(Announcer announcer, NumberedAdapters adapters) {
        this.announcer = announcer;
        this.adapters = adapters;
    }

    /** The next version of each name; false if the broker did not take one. */
    synchronized boolean all() {
        boolean taken = true;
        for (String name : NAMES) {
            List<Integer> numbers =
                    adapters.numbers().subList(0, adapters.numbers().size() - 1);
            taken &= next(name, numbers.get((int) (serial % numbers.size())));
        }
        return taken;
    }

    /** The next version of the victim, which has a file of its own. */
    synchronized boolean victim() {
        return next(VICTIM, victimsNumber());
    }

    int victimsNumber() {
        return adapters.numbers().getLast();
    }

    private boolean next(String name, int number) {
        CheckpointEvent event = adapters.event(name, serial++, number);
        try {
            announcer.publish(event);
            last.put(name, event.version());
            return true;
        } catch (CliException e) {
            // it may be on the topic all the same, so the next one has to settle it
            return false;
        }
    }

    /** What has to be served. */
    synchronized Map<String, String> last() {
        return Map.copyOf(last);
    }
}
