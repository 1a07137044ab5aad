package io.lorikeet.engine.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A safetensors file, mapped into memory: opening it reads the header alone, and a tensor's bytes come from the disk when
 * something touches them. The header is checked whole before anything is handed out.
 *
 * @see <a href="https://huggingface.co/docs/safetensors/index#format">the format</a>
 */
public final class Safetensors implements AutoCloseable {
    private final String source;
    private final Map<String, String> metadata;
    private final SortedMap<String, TensorSlice> tensors;
    private final Optional<Arena> arena;

    private Safetensors(String source, MemorySegment file, Optional<Arena> arena) {
        SafetensorsHeader header = SafetensorsHeader.parse(source, file);
        this.source = source;
        this.metadata = header.metadata();
        this.tensors = Collections.unmodifiableSortedMap(header.slices(file));
        this.arena = arena;
    }

    /** Maps a file; {@link #close} unmaps it, and every slice with it. */
    public static Safetensors open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file + ": expected a safetensors file, found "
                    + (Files.isDirectory(file)
                            ? "a directory"
                            : Files.isSymbolicLink(file) ? "a link that leads nowhere" : "nothing there"));
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            return new Safetensors(file.toString(), bytes, Optional.of(arena));
        } catch (IOException e) {
            arena.close();
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Reads a file that is in memory already; {@code source} names it in messages. */
    public static Safetensors of(String source, byte[] file) {
        return new Safetensors(source, MemorySegment.ofArray(file).asReadOnly(), Optional.empty());
    }

    /** What messages call this file. */
    public String source() {
        return source;
    }

    /** The header's {@code __metadata__}, empty if it has none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** All tensors by name, in name order. */
    public SortedMap<String, TensorSlice> tensors() {
        return tensors;
    }

    public TensorSlice tensor(String name) {
        TensorSlice slice = tensors.get(name);
        if (slice == null) {
            throw new CheckpointException(source + ": no tensor " + name + "; it has " + tensors.keySet());
        }
        return slice;
    }

    @Override
    public void close() {
        arena.ifPresent(Arena::close);
    }
}
