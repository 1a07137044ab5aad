package io.lorikeet.engine.sharing;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The steps of all processes that serve on a device, as a trainer sees them. */
final class ServingSteps implements AutoCloseable {
    /** So long after its last step a process is taken to have nothing to do. */
    private static final long IDLE = Duration.ofMillis(100).toNanos();
    /** So long a step may take before its process is taken to have ended in it. */
    private static final long LOST = Duration.ofMillis(900).toNanos();

    private static final long SEARCH = Duration.ofMillis(500).toNanos();

    private final Optional<Path> directory;
    private final Map<Path, Seen> pages = new HashMap<>();
    private Optional<Long> searched = Optional.empty();
    private Ended ended = Ended.NONE;

    /**
     * Steps that have ended.
     *
     * @param nanos that they took together
     */
    record Ended(long count, long nanos) {
        static final Ended NONE = new Ended(0, 0);

        private Ended plus(long steps, long time) {
            return new Ended(count + steps, nanos + time);
        }
    }

    /** A process's page, and what stood there when. */
    private static final class Seen implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final StepPage page;
        private long number;
        private long nanos;
        private long changed;

        Seen(Path file, long now) throws IOException {
            try {
                page = StepPage.open(file, arena);
            } catch (IOException e) {
                arena.close();
                throw e;
            }
            number = page.number();
            nanos = page.nanos();
            // whoever stands still does so for some time already
            changed = now - LOST;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    ServingSteps(Path directory) {
        this.directory = Optional.of(directory);
    }

    private ServingSteps() {
        directory = Optional.empty();
    }

    /** Of nobody, ever. */
    static ServingSteps none() {
        return new ServingSteps();
    }

    boolean isNone() {
        return directory.isEmpty();
    }

    /** Looks at all of them: whether any has something to do. */
    boolean look(long now) {
        if (directory.isEmpty()) {
            return false;
        }
        if (searched.isEmpty() || now - searched.get() > SEARCH) {
            search(directory.get(), now);
            searched = Optional.of(now);
        }
        boolean busy = false;
        for (Seen seen : pages.values()) {
            long number = seen.page.number();
            if (number != seen.number) {
                long nanos = seen.page.nanos();
                ended = ended.plus(number / 2 - seen.number / 2, nanos - seen.nanos);
                seen.number = number;
                seen.nanos = nanos;
                seen.changed = now;
            }
            busy |= now - seen.changed < (number % 2 == 0 ? IDLE : LOST);
        }
        return busy;
    }

    /** Those that have ended since the last time. */
    Ended takeEnded() {
        Ended taken = ended;
        ended = Ended.NONE;
        return taken;
    }

    private void search(Path where, long now) {
        Set<Path> found = new HashSet<>();
        try (Stream<Path> files = Files.list(where)) {
            files.filter(file -> file.toString().endsWith(StepPage.SUFFIX)).forEach(found::add);
        } catch (IOException e) {
            // nobody has served here yet
        }
        pages.entrySet().removeIf(entry -> {
            boolean gone = !found.contains(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
        for (Path file : found) {
            if (!pages.containsKey(file)) {
                try {
                    pages.put(file, new Seen(file, now));
                } catch (IOException e) {
                    // it has just gone
                }
            }
        }
    }

    @Override
    public void close() {
        pages.values().forEach(Seen::close);
        pages.clear();
    }
}
