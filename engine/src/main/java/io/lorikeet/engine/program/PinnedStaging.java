package io.lorikeet.engine.program;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A few page-locked buffers through which bytes of mapped files go to a device: while the device fetches one, several
 * threads fill the next.
 */
final class PinnedStaging implements AutoCloseable {
    private static final int BUFFERS = 4;
    /** What one thread copies at once. */
    private static final long PART = 2L << 20;

    private final CudaDriver driver;
    private final MemorySegment stream;
    private final List<Buffer> buffers = new ArrayList<>();
    private int next;

    /** A buffer, and the event after which the device has fetched it. */
    private record Buffer(MemorySegment memory, MemorySegment fetched) {}

    /** @param bytes of one buffer */
    PinnedStaging(CudaStream stream, long bytes) {
        driver = stream.driver();
        this.stream = stream.handle();
        for (int i = 0; i < BUFFERS; i++) {
            buffers.add(new Buffer(driver.allocateHost(bytes), driver.createEvent()));
        }
    }

    /** The bytes in page-locked memory. They stay there until {@link #sent} has been called and the device has them. */
    MemorySegment fill(MemorySegment source) {
        Buffer buffer = buffers.get(next);
        driver.await(buffer.fetched);
        long size = source.byteSize();
        LongStream.range(0, (size + PART - 1) / PART)
                .parallel()
                .forEach(part -> MemorySegment.copy(
                        source, part * PART, buffer.memory, part * PART, Math.min(PART, size - part * PART)));
        return buffer.memory.asSlice(0, size);
    }

    /** The stream has been told to fetch what was filled last. */
    void sent() {
        driver.record(buffers.get(next).fetched, stream);
        next = (next + 1) % BUFFERS;
    }

    @Override
    public void close() {
        for (Buffer buffer : buffers) {
            driver.await(buffer.fetched);
            driver.destroyEvent(buffer.fetched);
            driver.freeHost(buffer.memory);
        }
    }
}
