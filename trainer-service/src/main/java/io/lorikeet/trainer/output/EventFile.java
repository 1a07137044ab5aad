package io.lorikeet.trainer.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of scalars for TensorBoard, in a folder that it watches. TensorBoard reads the files of a folder as one run, in the
 * order of their names: a run that is resumed writes another one.
 *
 * <p>The file is a sequence of TFRecords, {@code length u64, crc(length) u32, data, crc(data) u32}, little-endian, each data
 * an {@code Event} of TensorFlow's event.proto in the encoding of Protocol Buffers. A scalar takes five of its fields, which
 * are written here by number: a library for them would be 6 MB.
 */
final class EventFile {
    private static final int MASK = 0xa282ead8;

    // of Event
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;
    // of Summary, Summary.Value and SessionLog
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int STATUS = 1;
    private static final int START = 1;

    private final Path file;

    /**
     * Begins a file in a folder, which is made if it is not there.
     *
     * @param firstStep the step that comes next: TensorBoard forgets what earlier files of the folder have from there on
     */
    EventFile(Path folder, int firstStep) throws IOException {
        Files.createDirectories(folder);
        file = create(folder);
        append(new Message().text(FILE_VERSION, "brain.Event:2"));
        append(new Message().number(STEP, firstStep).message(SESSION_LOG, new Message().number(STATUS, START)));
    }

    private static Path create(Path folder) throws IOException {
        long second = Instant.now().getEpochSecond();
        String name = "events.out.tfevents.%010d.%s.%d"
                .formatted(second, host(), ProcessHandle.current().pid());
        for (int i = 0; ; i++) {
            Path candidate = folder.resolve(name + "." + i);
            if (Files.notExists(candidate)) {
                return Files.createFile(candidate);
            }
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Adds values of a step, by their tags, {@code train/loss}. */
    void scalars(int step, Map<String, Double> values) throws IOException {
        var summary = new Message();
        values.forEach((tag, value) -> summary.message(
                VALUE, new Message().text(TAG, tag).fixed32(SIMPLE_VALUE, Float.floatToIntBits(value.floatValue()))));
        append(new Message().number(STEP, step).message(SUMMARY, summary));
    }

    private void append(Message event) throws IOException {
        double now = System.currentTimeMillis() / 1e3;
        byte[] data = event.fixed64(WALL_TIME, Double.doubleToLongBits(now)).bytes();
        ByteBuffer record = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(data.length);
        record.putInt(masked(record.array(), Long.BYTES)).put(data).putInt(masked(data, data.length));
        try {
            Files.write(file, record.array(), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The checksum of the first bytes, turned and moved so that a checksum over checksums stays one. */
    private static int masked(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    /** Fields of a message of Protocol Buffers, in the order in which they are added; any order means the same. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int FIXED64 = 1;
        private static final int LENGTH = 2;
        private static final int FIXED32 = 5;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint(((long) field << 3) | VARINT);
            varint(value);
            return this;
        }

        Message fixed64(int field, long bits) {
            varint(((long) field << 3) | FIXED64);
            out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(bits)
                    .array());
            return this;
        }

        Message fixed32(int field, int bits) {
            varint(((long) field << 3) | FIXED32);
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(bits)
                    .array());
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private Message bytes(int field, byte[] value) {
            varint(((long) field << 3) | LENGTH);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
