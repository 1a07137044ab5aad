package io.lorikeet.engine.sharing;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** What a serving process does at the beginning and at the end of each step, for trainers on its device to give way. */
public final class StepSign implements AutoCloseable {
    private final Optional<Path> file;
    private final Arena arena = Arena.ofShared();
    private final Optional<StepPage> page;
    private long begun;

    private StepSign(Optional<Path> file) {
        this.file = file;
        page = file.map(path -> StepPage.create(path, arena));
    }

    /**
     * Begins to say.
     *
     * @param device the same name in all processes
     */
    public static StepSign of(Sharing sharing, String device) {
        String name = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return new StepSign(sharing.directory()
                .map(directory -> StepPage.directory(directory, device).resolve(name + StepPage.SUFFIX)));
    }

    public void begin() {
        if (page.isPresent()) {
            begun = System.nanoTime();
            page.get().begin();
        }
    }

    public void end() {
        if (page.isPresent()) {
            page.get().end(System.nanoTime() - begun);
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
