package io.lorikeet.gateway.adapters;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** How large the directory of a zip says that it is: {@link java.util.zip.ZipFile} reads all of it into memory as it opens one. */
final class ZipDirectory {
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final int SIZE_IN_END = 12;

    /** Stands where the size is in the end record of Zip64. */
    private static final long ELSEWHERE = 0xffffffffL;

    private static final int LOCATOR_BYTES = 20;
    private static final int PLACE_IN_LOCATOR = 8;
    private static final int SIZE_IN_END_64 = 40;

    private ZipDirectory() {}

    /** The largest that any end record in the place for one says, since a comment may look like another; 0 if there is none. */
    static long bytes(Path zip) throws IOException {
        try (var file = FileChannel.open(zip)) {
            var from = Math.max(0, file.size() - END_BYTES - LONGEST_COMMENT);
            var tail = read(file, from, (int) (file.size() - from));
            long largest = 0;
            for (int i = 0; i <= tail.limit() - END_BYTES; i++) {
                if (tail.getInt(i) == END) {
                    largest = Math.max(largest, bytes(file, from + i, tail.getInt(i + SIZE_IN_END)));
                }
            }
            return largest;
        }
    }

    private static long bytes(FileChannel file, long end, int said) throws IOException {
        if (Integer.toUnsignedLong(said) != ELSEWHERE || end < LOCATOR_BYTES) {
            return Integer.toUnsignedLong(said);
        }
        var end64 = read(file, end - LOCATOR_BYTES, LOCATOR_BYTES).getLong(PLACE_IN_LOCATOR);
        return end64 < 0 || end64 > file.size() - SIZE_IN_END_64 - Long.BYTES
                ? ELSEWHERE
                : read(file, end64 + SIZE_IN_END_64, Long.BYTES).getLong(0);
    }

    private static ByteBuffer read(FileChannel file, long from, int length) throws IOException {
        var bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && file.read(bytes, from + bytes.position()) >= 0) {}
        return bytes.flip();
    }
}
