package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.sharing.Chunks;
import io.lorikeet.engine.sharing.SharedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Pieces of a GPU's memory. It lives as long as any process has it, and any of them gives it to newcomers, through a socket of its
 * own in the folder: who loaded it may end, however it ends.
 */
final class DeviceChunks implements Chunks {
    private static final String RECORD = "record.json";
    private static final String SOCKET = ".sock";

    private final SharedFolder folder;
    private final CudaStream stream;
    private final CudaMemory memory;
    private final long granularity;
    private final Optional<byte[]> record;
    private final List<Integer> descriptors = new ArrayList<>();
    private final List<Range> reserved = new ArrayList<>();
    private final List<Range> mapped = new ArrayList<>();
    private Optional<SharedFolder.Entry> entry;
    private Optional<DescriptorSocket> socket = Optional.empty();
    private int next;

    /** Addresses. */
    private record Range(long address, long bytes) {}

    private DeviceChunks(
            SharedFolder folder,
            SharedFolder.Entry entry,
            CudaStream stream,
            CudaMemory memory,
            Optional<byte[]> record) {
        this.folder = folder;
        this.entry = Optional.of(entry);
        this.stream = stream;
        this.memory = memory;
        this.record = record;
        granularity = memory.granularity();
    }

    /** Waits for whoever is filling them. */
    static DeviceChunks open(SharedFolder folder, CudaStream stream, CudaMemory memory) {
        SharedFolder.Entry entry = folder.enter();
        try {
            Files.createDirectories(folder.path());
            Path file = folder.path().resolve(RECORD);
            Optional<List<Integer>> held = Files.exists(file) ? held(folder.path()) : Optional.empty();
            Optional<byte[]> record = held.isPresent() ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
            var chunks = new DeviceChunks(folder, entry, stream, memory, record);
            held.ifPresent(descriptors -> {
                chunks.descriptors.addAll(descriptors);
                chunks.offer();
            });
            return chunks;
        } catch (IOException e) {
            entry.close();
            throw failure(folder, e);
        } catch (RuntimeException e) {
            entry.close();
            throw e;
        }
    }

    /** What the first process that answers has. Those that do not are gone. */
    private static Optional<List<Integer>> held(Path directory) throws IOException {
        List<Path> sockets;
        try (Stream<Path> files = Files.list(directory)) {
            sockets = files.filter(path -> path.toString().endsWith(SOCKET)).toList();
        }
        for (Path path : sockets) {
            Optional<List<Integer>> received = DescriptorSocket.receive(path);
            if (received.isPresent()) {
                return received;
            }
            Files.deleteIfExists(path);
        }
        return Optional.empty();
    }

    @Override
    public Optional<byte[]> record() {
        return record;
    }

    /** What pieces come in multiples of. */
    long granularity() {
        return granularity;
    }

    @Override
    public long piece(String name, long bytes) {
        return place(rounded(bytes), 0);
    }

    /**
     * The address of a piece right behind which lies memory of this process alone.
     *
     * @param bytes of the piece, a multiple of the granularity
     * @param own bytes behind it
     */
    long place(long bytes, long own) {
        long all = bytes + rounded(own);
        long address = memory.reserve(all);
        reserved.add(new Range(address, all));
        long shared;
        if (record.isPresent()) {
            shared = memory.fromDescriptor(descriptors.get(next++));
        } else {
            shared = memory.create(bytes);
            descriptors.add(memory.descriptor(shared));
        }
        map(address, bytes, shared);
        if (own > 0) {
            map(address + bytes, rounded(own), memory.create(rounded(own)));
        }
        return address;
    }

    private void map(long address, long bytes, long handle) {
        memory.map(address, bytes, handle);
        // seen at addresses, it stays
        memory.release(handle);
        mapped.add(new Range(address, bytes));
    }

    private long rounded(long bytes) {
        return (bytes + granularity - 1) / granularity * granularity;
    }

    @Override
    public void copy(long from, long to, long bytes) {
        memory.copy(from, to, bytes, stream);
    }

    @Override
    public void publish(byte[] content) {
        stream.await();
        try {
            Files.write(folder.path().resolve(RECORD), content);
        } catch (IOException e) {
            throw failure(folder, e);
        }
        offer();
    }

    /** Gives it to whoever comes next. */
    private void offer() {
        String name = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()) + SOCKET;
        socket = Optional.of(DescriptorSocket.open(folder.path().resolve(name), descriptors));
        entry.ifPresent(SharedFolder.Entry::close);
        entry = Optional.empty();
    }

    private static EngineException failure(SharedFolder folder, IOException e) {
        return new EngineException(folder.path() + ": cannot be used for what processes share: " + e, e);
    }

    @Override
    public void close() {
        socket.ifPresent(DescriptorSocket::close);
        memory.await();
        mapped.forEach(range -> memory.unmap(range.address, range.bytes));
        reserved.forEach(range -> memory.free(range.address, range.bytes));
        descriptors.forEach(DescriptorSocket::close);
        entry.ifPresent(SharedFolder.Entry::close);
    }
}
