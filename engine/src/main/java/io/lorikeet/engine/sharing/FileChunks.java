package io.lorikeet.engine.sharing;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pieces in files that processes map: the system keeps their pages once, for whoever maps them, and after all have ended as long
 * as it has room. Files are written aside, forced to disk and renamed together, so that none is mapped that is not whole.
 */
public final class FileChunks implements Chunks {
    private static final String RECORD = "record.json";

    private final SharedFolder folder;
    private final Optional<byte[]> record;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> pieces = new ArrayList<>();
    private Optional<SharedFolder.Entry> entry;

    private FileChunks(SharedFolder folder, SharedFolder.Entry entry, Optional<byte[]> record) {
        this.folder = folder;
        this.record = record;
        this.entry = Optional.of(entry);
    }

    /** Waits for whoever is filling them. */
    public static FileChunks open(SharedFolder folder) {
        SharedFolder.Entry entry = folder.enter();
        try {
            Path file = folder.path().resolve(RECORD);
            if (Files.exists(file)) {
                var filled = new FileChunks(folder, entry, Optional.of(Files.readAllBytes(file)));
                filled.leave();
                return filled;
            }
            // what a process left that was ended in the middle
            SharedFolder.delete(folder.unfinished());
            Files.createDirectory(folder.unfinished());
            return new FileChunks(folder, entry, Optional.empty());
        } catch (IOException e) {
            entry.close();
            throw folder.failure("cannot be written", e);
        }
    }

    @Override
    public Optional<byte[]> record() {
        return record;
    }

    @Override
    public long piece(String name, long bytes) {
        try {
            MemorySegment piece = record.isPresent() ? find(name, bytes) : make(name, bytes);
            pieces.add(piece);
            return piece.address();
        } catch (IOException e) {
            throw folder.failure("cannot be used", e);
        }
    }

    private MemorySegment find(String name, long bytes) throws IOException {
        Path file = folder.path().resolve(name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() != bytes) {
                throw new EngineException(
                        file + ": expected " + bytes + " bytes, found " + channel.size() + "; delete its directory");
            }
            return channel.map(MapMode.READ_ONLY, 0, bytes, arena);
        }
    }

    private MemorySegment make(String name, long bytes) throws IOException {
        // a full disk would end the process at the first page that finds no place
        long free = Files.getFileStore(folder.unfinished()).getUsableSpace();
        if (free < bytes) {
            throw new EngineException(
                    folder.unfinished() + ": expected room for " + bytes + " bytes of weights, found " + free);
        }
        try (FileChannel channel = FileChannel.open(
                folder.unfinished().resolve(name),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return channel.map(MapMode.READ_WRITE, 0, bytes, arena);
        }
    }

    @Override
    @SuppressWarnings("restricted") // the addresses are a native library's
    public void copy(long from, long to, long bytes) {
        MemorySegment.ofAddress(to)
                .reinterpret(bytes)
                .copyFrom(MemorySegment.ofAddress(from).reinterpret(bytes));
    }

    @Override
    public void publish(byte[] content) {
        try {
            pieces.forEach(MemorySegment::force);
            Path file = folder.unfinished().resolve(RECORD);
            Files.write(file, content);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(folder.unfinished(), folder.path(), StandardCopyOption.ATOMIC_MOVE);
            leave();
        } catch (IOException e) {
            throw folder.failure("cannot be written", e);
        }
    }

    private void leave() {
        entry.ifPresent(SharedFolder.Entry::close);
        entry = Optional.empty();
    }

    @Override
    public void close() {
        arena.close();
        if (entry.isPresent()) {
            try {
                SharedFolder.delete(folder.unfinished());
            } catch (IOException e) {
                throw folder.failure("cannot be cleaned", e);
            } finally {
                leave();
            }
        }
    }
}
