package io.lorikeet.engine.sharing;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;

/**
 * A page of memory between a serving process and trainers on its device. The one that serves says there whether a step runs, how
 * many have ended and how long those took; a trainer counts how often it asked for the device and gave it back. Each says first what
 * it is about to do and then looks at what the other has said, so at most one of them goes on.
 */
final class StepPage {
    static final String SUFFIX = ".steps";

    private static final long BYTES = 4096;
    // each in a cache line of its own
    private static final long RUNNING = 0;
    private static final long STEPS = 64;
    private static final long NANOS = 128;
    private static final long ASKED = 192;
    private static final long GIVEN_BACK = 256;
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment page;

    private StepPage(MemorySegment page) {
        this.page = page;
    }

    /** The directory of the pages of a device. */
    static Path directory(Path shared, String device) {
        return shared.resolve("steps-" + device);
    }

    /** Makes a page, which is there as long as the arena. */
    static StepPage create(Path file, Arena arena) {
        try {
            Files.createDirectories(file.getParent());
            return map(file, MapMode.READ_WRITE, arena, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new EngineException(file + ": cannot be made, for trainers to give way to serving: " + e, e);
        }
    }

    /** Another process's page. */
    static StepPage open(Path file, Arena arena) throws IOException {
        return map(file, MapMode.READ_WRITE, arena, StandardOpenOption.WRITE);
    }

    private static StepPage map(Path file, MapMode mode, Arena arena, StandardOpenOption... more) throws IOException {
        var options = new HashSet<>(List.of(more));
        options.add(StandardOpenOption.READ);
        try (FileChannel channel = FileChannel.open(file, options)) {
            return new StepPage(channel.map(mode, 0, BYTES, arena));
        }
    }

    /** Whether a step runs. */
    boolean running() {
        return (long) LONG.getVolatile(page, RUNNING) != 0;
    }

    /** Steps that have ended. */
    long steps() {
        return (long) LONG.getAcquire(page, STEPS);
    }

    /** How long they took together. */
    long nanos() {
        return (long) LONG.getOpaque(page, NANOS);
    }

    void running(boolean runs) {
        LONG.setVolatile(page, RUNNING, runs ? 1L : 0L);
    }

    /** A step has ended. */
    void ended(long nanos) {
        LONG.setOpaque(page, NANOS, nanos() + nanos);
        LONG.setRelease(page, STEPS, steps() + 1);
        running(false);
    }

    /** A trainer asks for the device. */
    void ask() {
        long _ = (long) LONG.getAndAdd(page, ASKED, 1L);
    }

    /** It has what it asked for no more. */
    void giveBack() {
        long _ = (long) LONG.getAndAdd(page, GIVEN_BACK, 1L);
    }

    /** Trainers that have asked for the device and not given it back; those too that have ended since. */
    long asking() {
        return (long) LONG.getVolatile(page, ASKED) - (long) LONG.getVolatile(page, GIVEN_BACK);
    }

    /** Waits for the other side, which works for some milliseconds: a timer would be late by a part of them. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: where a core is free it returns at once
    static void pause() {
        Thread.yield();
    }
}
