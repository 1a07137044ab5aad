package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.foreign.ValueLayout.OfFloat;
import java.lang.foreign.ValueLayout.OfInt;
import java.lang.foreign.ValueLayout.OfLong;
import java.lang.foreign.ValueLayout.OfShort;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One tensor of a safetensors file: its bytes where they lie, little-endian and row-major, not a copy. The bytes live as
 * long as the file that the slice came from stays open.
 */
public final class TensorSlice {
    // Safetensors aligns the header, not each tensor.
    private static final OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final DType dtype;
    private final long[] shape;
    private final MemorySegment bytes;

    public TensorSlice(String name, DType dtype, long[] shape, MemorySegment bytes) {
        this.name = name;
        this.dtype = dtype;
        this.shape = shape.clone();
        this.bytes = bytes;
    }

    public String name() {
        return name;
    }

    public DType dtype() {
        return dtype;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** The raw bytes; may exceed 2 GiB. */
    public MemorySegment bytes() {
        return bytes;
    }

    public long byteSize() {
        return bytes.byteSize();
    }

    public long elementCount() {
        return bytes.byteSize() / dtype.byteSize();
    }

    /** Lets the system take the memory back that holds them; whoever reads them again finds them in the file. */
    public void unload() {
        if (bytes.isMapped()) {
            bytes.unload();
        }
    }

    /** Whether another tensor is a copy of this: of the same type, shape and bytes. */
    boolean isCopyOf(TensorSlice other) {
        return dtype == other.dtype && Arrays.equals(shape, other.shape) && bytes.mismatch(other.bytes) < 0;
    }

    /** Copies the elements out as float32; F32, BF16 and F16 widen without loss. */
    public float[] toFloats() {
        float[] out = new float[Math.toIntExact(elementCount())];
        switch (dtype) {
            case F32 -> MemorySegment.copy(bytes, FLOAT, 0, out, 0, out.length);
            case BF16 -> {
                for (int i = 0; i < out.length; i++) {
                    // bfloat16 is the upper half of a float32
                    out[i] = Float.intBitsToFloat(bytes.getAtIndex(SHORT, i) << 16);
                }
            }
            case F16 -> {
                for (int i = 0; i < out.length; i++) {
                    out[i] = Float.float16ToFloat(bytes.getAtIndex(SHORT, i));
                }
            }
            default ->
                throw new CheckpointException(
                        "tensor " + name + ": expected a dtype of F32, BF16 or F16, found " + dtype);
        }
        return out;
    }

    /** Copies the elements of an I64 tensor out. */
    public long[] toLongs() {
        if (dtype != DType.I64) {
            throw new CheckpointException("tensor " + name + ": expected dtype I64, found " + dtype);
        }
        long[] out = new long[Math.toIntExact(elementCount())];
        MemorySegment.copy(bytes, LONG, 0, out, 0, out.length);
        return out;
    }

    /** Copies the elements of an I32 tensor out. */
    public int[] toInts() {
        if (dtype != DType.I32) {
            throw new CheckpointException("tensor " + name + ": expected dtype I32, found " + dtype);
        }
        int[] out = new int[Math.toIntExact(elementCount())];
        MemorySegment.copy(bytes, INT, 0, out, 0, out.length);
        return out;
    }

    @Override
    public String toString() {
        return name + " " + dtype + Arrays.toString(shape);
    }
}
