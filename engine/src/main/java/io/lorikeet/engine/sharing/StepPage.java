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
 * A page of memory in which a serving process says of its steps what trainers on its device need: a number that grows by one when
 * a step begins and when it ends, so it is odd while one runs, and how long they all took. Both are plain writes to memory;
 * no process waits for another here, so none is stopped by another's end.
 */
final class StepPage {
    static final String SUFFIX = ".steps";

    private static final long BYTES = 4096;
    private static final long NUMBER = 0;
    private static final long NANOS = 64;
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
        return map(file, MapMode.READ_ONLY, arena);
    }

    private static StepPage map(Path file, MapMode mode, Arena arena, StandardOpenOption... more) throws IOException {
        var options = new HashSet<>(List.of(more));
        options.add(StandardOpenOption.READ);
        try (FileChannel channel = FileChannel.open(file, options)) {
            return new StepPage(channel.map(mode, 0, BYTES, arena));
        }
    }

    long number() {
        return (long) LONG.getAcquire(page, NUMBER);
    }

    long nanos() {
        return (long) LONG.getOpaque(page, NANOS);
    }

    void begin() {
        LONG.setRelease(page, NUMBER, (long) LONG.get(page, NUMBER) + 1);
    }

    void end(long nanos) {
        LONG.setOpaque(page, NANOS, (long) LONG.get(page, NANOS) + nanos);
        begin();
    }
}
