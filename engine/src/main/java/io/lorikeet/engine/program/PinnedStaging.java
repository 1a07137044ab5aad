package io.lorikeet.engine.program;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A few page-locked buffers through which bytes go to a device: while the device fetches one, several threads fill the
 * next.
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

    /**
     * The sources' bytes in page-locked memory, one behind the other. They stay there until {@link #sent} has been called
     * and the device has them.
     */
    List<MemorySegment> fill(List<MemorySegment> sources) {
        Buffer buffer = buffers.get(next);
        driver.await(buffer.fetched);
        List<MemorySegment> filled = new ArrayList<>();
        long begin = 0;
        for (MemorySegment source : sources) {
            MemorySegment into = buffer.memory.asSlice(begin, source.byteSize());
            copy(source, into);
            filled.add(into);
            begin += source.byteSize();
        }
        return filled;
    }

    private static void copy(MemorySegment source, MemorySegment into) {
        long size = source.byteSize();
        if (size <= PART) {
            into.copyFrom(source);
            return;
        }
        LongStream.range(0, (size + PART - 1) / PART)
                .parallel()
                .forEach(part ->
                        MemorySegment.copy(source, part * PART, into, part * PART, Math.min(PART, size - part * PART)));
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
