package io.lorikeet.engine.sharing;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a serving process does at the beginning and at the end of each step: trainers on its device give way to a step that has begun,
 * and a step begins when no piece of a training runs. So they take turns, and neither takes longer because of the other.
 */
public final class StepSign implements AutoCloseable {
    /** No step waits for longer: so long does a trainer hold a step up that has asked for the device and was ended by force. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(50);

    private final Optional<Path> file;
    private final Arena arena = Arena.ofShared();
    private final Optional<StepPage> page;
    private final long longestWait;
    private boolean running;
    private long begun;
    /** Of those that ask for the device, the ones that were waited for in vain. */
    private long passedOver;

    private StepSign(Optional<Path> file, Duration longestWait) {
        this.file = file;
        this.longestWait = longestWait.toNanos();
        page = file.map(path -> StepPage.create(path, arena));
    }

    /**
     * Begins to say.
     *
     * @param device the same name in all processes
     */
    public static StepSign of(Sharing sharing, String device) {
        return of(sharing, device, LONGEST_WAIT);
    }

    static StepSign of(Sharing sharing, String device, Duration longestWait) {
        String name = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return new StepSign(
                sharing.directory()
                        .map(directory -> StepPage.directory(directory, device).resolve(name + StepPage.SUFFIX)),
                longestWait);
    }

    /** Of a process that nobody gives way to. */
    public static StepSign none() {
        return new StepSign(Optional.empty(), LONGEST_WAIT);
    }

    /** Before a step, or what belongs to one that has begun, is given to the device; returns when no trainer has it. */
    public void begin() {
        if (page.isPresent() && !running) {
            StepPage mine = page.get();
            mine.running(true);
            while (asked(mine)) {
                mine.running(false);
                awaitPieces(mine);
                mine.running(true);
            }
            begun = System.nanoTime();
            running = true;
        }
    }

    /** When the device has done what it was given. */
    public void end() {
        if (running) {
            page.orElseThrow().ended(System.nanoTime() - begun);
            running = false;
        }
    }

    /** Whether a trainer asks for the device, or has it: {@link #begin} would wait. */
    public boolean isAsked() {
        return page.isPresent() && asked(page.get());
    }

    private boolean asked(StepPage mine) {
        long asking = mine.asking();
        passedOver = Math.min(passedOver, asking);
        return asking > passedOver;
    }

    private void awaitPieces(StepPage mine) {
        long end = System.nanoTime() + longestWait;
        while (asked(mine)) {
            if (System.nanoTime() - end > 0) {
                passedOver = mine.asking();
            }
            StepPage.pause();
        }
    }

    @Override
    public void close() {
        try {
            if (file.isPresent()) {
                Files.deleteIfExists(file.get());
            }
        } catch (IOException e) {
            throw new EngineException(file.get() + ": cannot be deleted", e);
        } finally {
            arena.close();
        }
    }
}
