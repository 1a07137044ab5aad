package io.lorikeet.engine.sharing;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

    /**
     * Steps that have ended.
     *
     * @param nanos that they took together
     */
    record Ended(long count, long nanos) {
        static final Ended NONE = new Ended(0, 0);

        private Ended plus(Ended other) {
            return new Ended(count + other.count, nanos + other.nanos);
        }
    }

    /** A process's page, and what stood there when. */
    private static final class Seen implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final StepPage page;
        private boolean running;
        private long steps;
        private long nanos;
        private long changed;
        private boolean asked;

        Seen(Path file, long now) throws IOException {
            try {
                page = StepPage.open(file, arena);
            } catch (IOException e) {
                arena.close();
                throw e;
            }
            steps = page.steps();
            nanos = page.nanos();
            // whoever stands still does so for some time already
            changed = now - LOST;
        }

        /** Whether it has something to do. */
        private boolean look(long now) {
            boolean runs = page.running();
            if (page.steps() != steps || runs != running) {
                changed = now;
            }
            running = runs;
            return now - changed < (running ? LOST : IDLE);
        }

        /** Its steps that have ended since the last time. */
        private Ended takeEnded() {
            long count = page.steps();
            long took = page.nanos();
            var ended = new Ended(count - steps, took - nanos);
            steps = count;
            nanos = took;
            return ended;
        }

        private void ask() {
            if (!asked) {
                page.ask();
                asked = true;
            }
        }

        private void giveBack() {
            if (asked) {
                page.giveBack();
                asked = false;
            }
        }

        @Override
        public void close() {
            giveBack();
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
            busy |= seen.look(now);
        }
        return busy;
    }

    /** Whether none of their steps runs at this moment. */
    boolean areBetween(long now) {
        return pages.values().stream().noneMatch(seen -> seen.look(now) && seen.running);
    }

    /** Asks all of them for the device: a step that has begun comes to its end, and no other begins. */
    void ask() {
        pages.values().forEach(Seen::ask);
    }

    /** Gives the device back to those that were asked for it. */
    void giveBack() {
        pages.values().forEach(Seen::giveBack);
    }

    /** Those that have ended since the last time. */
    Ended takeEnded() {
        return pages.values().stream().map(Seen::takeEnded).reduce(Ended.NONE, Ended::plus);
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
                } catch (NoSuchFileException e) {
                    // it has just gone
                } catch (IOException e) {
                    throw new EngineException(
                            file
                                    + ": cannot be opened for writing, for this training to give way to the process that made it: "
                                    + "both should run as the same user: " + e,
                            e);
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
