package io.lorikeet.engine.gguf;

import io.lorikeet.engine.checkpoint.AtomicFile;
import io.lorikeet.engine.checkpoint.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes llama.cpp's file format: metadata, then descriptions of the tensors, then their data.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">GGUF</a>
 */
public final class GgufWriter {
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;
    private static final long SLICE = 64L << 20;

    /** How elements lie in the file, by ggml's numbers. */
    public enum Type {
        F32(0, 0, 1, 4),
        F16(1, 1, 1, 2),
        BF16(30, 32, 1, 2),
        /** {@link Q4Blocks}. */
        Q4_0(2, 2, Q4Blocks.ELEMENTS, Q4Blocks.BYTES),
        /** {@link Q8Blocks}. */
        Q8_0(8, 7, Q8Blocks.ELEMENTS, Q8Blocks.BYTES);

        private final int code;
        private final int fileType;
        private final int elements;
        private final int byteSize;

        /**
         * @param fileType of a file whose matrices are of this type
         * @param elements of one block
         * @param byteSize of one block
         */
        Type(int code, int fileType, int elements, int byteSize) {
            this.code = code;
            this.fileType = fileType;
            this.elements = elements;
            this.byteSize = byteSize;
        }

        /** What {@code general.file_type} says of a file whose matrices are of this type. */
        int fileType() {
            return fileType;
        }

        /** Whether a matrix's rows are whole blocks. */
        boolean fits(long[] shape) {
            return shape[shape.length - 1] % elements == 0;
        }

        private long bytes(long[] shape) {
            if (!fits(shape)) {
                throw new IllegalArgumentException("rows of %s are blocks of %d elements, found %s"
                        .formatted(this, elements, Arrays.toString(shape)));
            }
            return Math.multiplyExact(Arrays.stream(shape).reduce(1, Math::multiplyExact) / elements, byteSize);
        }
    }

    // value types by the format's numbers
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
    private final List<Entry> tensors = new ArrayList<>();
    private long metadataCount;

    private record Entry(String name, Type type, List<Long> shape, long byteSize, Supplier<MemorySegment> bytes) {}

    /** Adds a text to the metadata. */
    public GgufWriter with(String key, String value) {
        key(key, STRING);
        string(metadata, value);
        return this;
    }

    /** Adds a number that is not negative. */
    public GgufWriter with(String key, int value) {
        key(key, UINT32);
        integer(metadata, value);
        return this;
    }

    /** Adds a float32. */
    public GgufWriter with(String key, float value) {
        key(key, FLOAT32);
        integer(metadata, Float.floatToRawIntBits(value));
        return this;
    }

    /** Adds a flag. */
    public GgufWriter with(String key, boolean value) {
        key(key, BOOL);
        metadata.write(value ? 1 : 0);
        return this;
    }

    /** Adds a list of texts. */
    public GgufWriter withStrings(String key, List<String> values) {
        key(key, ARRAY);
        integer(metadata, STRING);
        number(metadata, values.size());
        values.forEach(value -> string(metadata, value));
        return this;
    }

    /** Adds a list of whole numbers. */
    public GgufWriter withIntegers(String key, List<Integer> values) {
        key(key, ARRAY);
        integer(metadata, INT32);
        number(metadata, values.size());
        values.forEach(value -> integer(metadata, value));
        return this;
    }

    /**
     * Adds a tensor.
     *
     * @param shape as PyTorch writes it, [out, in]; the file has it the other way round
     * @param bytes asked when the tensor's turn comes; as many as type and shape say
     */
    public GgufWriter tensor(String name, Type type, long[] shape, Supplier<MemorySegment> bytes) {
        tensors.add(new Entry(name, type, Arrays.stream(shape).boxed().toList(), type.bytes(shape), bytes));
        return this;
    }

    /** Writes the file, which is there when it is whole. */
    public void write(Path file) {
        try {
            AtomicFile.write(file, this::writeTo);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private void writeTo(FileChannel channel) throws IOException {
        var head = new ByteArrayOutputStream();
        head.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        integer(head, VERSION);
        number(head, tensors.size());
        number(head, metadataCount);
        head.writeBytes(metadata.toByteArray());
        long offset = 0;
        for (Entry tensor : tensors) {
            string(head, tensor.name);
            integer(head, tensor.shape.size());
            tensor.shape.reversed().forEach(size -> number(head, size));
            integer(head, tensor.type.code);
            number(head, offset);
            offset += aligned(tensor.byteSize);
        }
        head.writeBytes(new byte[(int) (aligned(head.size()) - head.size())]);
        write(channel, ByteBuffer.wrap(head.toByteArray()));
        for (Entry tensor : tensors) {
            long size = tensor.byteSize;
            MemorySegment bytes = tensor.bytes.get();
            if (bytes.byteSize() != size) {
                throw new IllegalArgumentException(
                        "tensor %s takes %d bytes, got %d".formatted(tensor.name, size, bytes.byteSize()));
            }
            for (long done = 0; done < size; done += SLICE) {
                write(channel, bytes.asSlice(done, Math.min(SLICE, size - done)).asByteBuffer());
            }
            write(channel, ByteBuffer.allocate((int) (aligned(size) - size)));
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static long aligned(long size) {
        return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void key(String key, int type) {
        string(metadata, key);
        integer(metadata, type);
        metadataCount++;
    }

    private static void string(ByteArrayOutputStream out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        number(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void integer(ByteArrayOutputStream out, int value) {
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    private static void number(ByteArrayOutputStream out, long value) {
        out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }
}
