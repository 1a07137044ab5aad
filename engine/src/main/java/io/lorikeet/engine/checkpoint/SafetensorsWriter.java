package io.lorikeet.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.model.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Writes a safetensors file, byte for byte as Hugging Face's library would: wider dtypes first, then by name, the header
 * padded to eight bytes. Tensors are asked for one by one while the file is written, so that a model need not fit in memory
 * twice; the file appears under its name when it is whole.
 */
public final class SafetensorsWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int ALIGNMENT = 8;
    /** A mapped or native segment is handed to the channel in slices, which must fit a ByteBuffer. */
    private static final long SLICE = 64L << 20;

    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private record Entry(String name, DType dtype, List<Long> shape, long byteSize, Supplier<MemorySegment> bytes) {}

    /**
     * Adds a tensor.
     *
     * @param bytes asked once, when the tensor's turn comes; little-endian, row-major, exactly as many as dtype and shape say
     */
    public SafetensorsWriter add(String name, DType dtype, long[] shape, Supplier<MemorySegment> bytes) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("tensor " + name + " was added twice");
        }
        long byteSize = Arrays.stream(shape).reduce(dtype.byteSize(), Math::multiplyExact);
        entries.add(new Entry(name, dtype, Arrays.stream(shape).boxed().toList(), byteSize, bytes));
        return this;
    }

    /** Adds a float32 tensor. */
    public SafetensorsWriter add(String name, long[] shape, float[] values) {
        return add(name, DType.F32, shape, () -> littleEndian(values));
    }

    public SafetensorsWriter add(TensorSlice slice) {
        return add(slice.name(), slice.dtype(), slice.shape(), slice::bytes);
    }

    /** Writes the file, with {@code {"format":"pt"}} as metadata, which is what transformers asks for. */
    public void write(Path file) {
        List<Entry> ordered = new ArrayList<>(entries);
        ordered.sort(Comparator.comparing((Entry e) -> -e.dtype.byteSize()).thenComparing(Entry::name));
        byte[] header = header(ordered);
        try {
            AtomicFile.write(file, channel -> {
                ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                AtomicFile.writeFully(channel, length.putLong(header.length).flip());
                AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
                for (Entry entry : ordered) {
                    write(channel, entry);
                }
            });
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static byte[] header(List<Entry> ordered) {
        ObjectNode header = JSON.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (Entry entry : ordered) {
            ObjectNode tensor = header.putObject(entry.name);
            tensor.put("dtype", entry.dtype.name());
            tensor.set("shape", JSON.valueToTree(entry.shape));
            tensor.putArray("data_offsets").add(offset).add(offset + entry.byteSize);
            offset += entry.byteSize;
        }
        try {
            byte[] json = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
            byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
            Arrays.fill(padded, json.length, padded.length, (byte) ' ');
            return padded;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
        }
    }

    private static void write(FileChannel channel, Entry entry) throws IOException {
        MemorySegment bytes = entry.bytes.get();
        if (bytes.byteSize() != entry.byteSize) {
            throw new IllegalArgumentException("tensor " + entry.name + ": " + entry.dtype + entry.shape + " takes "
                    + entry.byteSize + " bytes, got " + bytes.byteSize());
        }
        for (long done = 0; done < bytes.byteSize(); done += SLICE) {
            long size = Math.min(SLICE, bytes.byteSize() - done);
            AtomicFile.writeFully(channel, bytes.asSlice(done, size).asByteBuffer());
        }
    }

    private static MemorySegment littleEndian(float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, Float.BYTES)]);
        MemorySegment.copy(
                values,
                0,
                bytes,
                ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                0,
                values.length);
        return bytes;
    }
}
