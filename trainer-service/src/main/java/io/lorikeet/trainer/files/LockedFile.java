package io.lorikeet.trainer.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that one holder at a time has, of all threads of all processes that see it. The lock is the operating system's: it
 * goes with the process that holds it, however that ends.
 *
 * <p>POSIX gives a process' lock back when the process closes the file through whatever descriptor. So a file that is held
 * here is opened by nobody else of this process: whoever wants its lock is told before.
 */
public final class LockedFile implements AutoCloseable {
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();
    /** Sizes that mark a file as the one which was locked. */
    private static final int SIZES = 1 << 20;

    private final Path file;
    private final FileChannel channel;

    private LockedFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes a file whose folder is there.
     *
     * @return empty if somebody has it
     */
    public static Optional<LockedFile> tryLock(Path file, OpenOption... options) throws IOException {
        Path held = file.getParent().toRealPath().resolve(file.getFileName());
        if (!HELD_HERE.add(held)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = FileChannel.open(held, options);
            locked = isLocked(channel);
            return locked ? Optional.of(new LockedFile(held, channel)) : Optional.empty();
        } finally {
            if (!locked) {
                if (channel != null) {
                    channel.close();
                }
                HELD_HERE.remove(held);
            }
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // by another name
        }
    }

    /** What is written into it and read from it. */
    public FileChannel channel() {
        return channel;
    }

    /**
     * Whether this is the file that others find by its name, and not one that was deleted before it was locked. What is in it
     * goes.
     */
    public boolean isFoundByName() throws IOException {
        // its size is read by its name without opening it
        int size = ThreadLocalRandom.current().nextInt(1, SIZES);
        channel.write(ByteBuffer.allocate(1), size - 1);
        try {
            return Files.size(file) == size;
        } catch (NoSuchFileException e) {
            return false;
        } finally {
            channel.truncate(0);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HELD_HERE.remove(file);
        }
    }
}
