package io.lorikeet.trainer.dataset;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.trainer.files.LockedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.RandomAccess;

/**
 * Tokenised rows in two files that are mapped into memory: as many as the disk holds, whatever the heap does. The heap keeps
 * four bytes a row, their order.
 *
 * <p>{@code tokens} has the rows one after the other: an int for each token, negative ({@code ~id}) where it is learned, and,
 * of a row whose labels do not all count as 1, a float for each of them after that. {@code index} has 16 bytes a row: where it
 * ends in {@code tokens}, counted in ints (a long), how many tokens it has, and how many of them are supervised. Both are in
 * the machine's own byte order.
 */
public final class TokenisedRows extends AbstractList<TrainingExample> implements RandomAccess {
    private static final String TOKENS = "tokens";
    private static final String INDEX = "index";
    private static final int ENTRY = Long.BYTES + 2 * Integer.BYTES;

    private final MemorySegment tokens;
    private final MemorySegment index;
    private final int[] order;

    private TokenisedRows(MemorySegment tokens, MemorySegment index, int[] order) {
        this.tokens = tokens;
        this.index = index;
        this.order = order;
    }

    private static TokenisedRows of(MemorySegment tokens, MemorySegment index) {
        int[] all = new int[Math.toIntExact(index.byteSize() / ENTRY)];
        Arrays.setAll(all, i -> i);
        return new TokenisedRows(tokens, index, all);
    }

    /**
     * Those that a writer left in this folder.
     *
     * @throws IOException if they are not there, or not whole
     */
    static TokenisedRows open(Path folder) throws IOException {
        TokenisedRows rows;
        try (FileChannel tokens = FileChannel.open(folder.resolve(TOKENS));
                FileChannel index = FileChannel.open(folder.resolve(INDEX))) {
            rows = of(mapped(tokens, tokens.size()), mapped(index, index.size()));
        }
        if (rows.index.byteSize() % ENTRY != 0
                || rows.from(rows.order.length) * Integer.BYTES != rows.tokens.byteSize()) {
            throw new IOException(folder + ": its files are not whole");
        }
        return rows;
    }

    private static MemorySegment mapped(FileChannel channel, long bytes) throws IOException {
        return bytes == 0 ? MemorySegment.NULL : channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, Arena.ofAuto());
    }

    /** These rows, in this order; a row may come twice. */
    TokenisedRows select(int[] rows) {
        return new TokenisedRows(tokens, index, rows);
    }

    @Override
    public TrainingExample get(int number) {
        int row = order[number];
        int length = tokensOf(row);
        long from = from(row);
        int[] ids = ints(from, length).toArray(ValueLayout.JAVA_INT);
        int[] labels = new int[length];
        for (int i = 0; i < length; i++) {
            boolean learned = ids[i] < 0;
            ids[i] = learned ? ~ids[i] : ids[i];
            labels[i] = learned ? ids[i] : ChatTemplate.IGNORED_LABEL;
        }
        boolean weighted = from(row + 1) - from > length;
        return new TrainingExample(
                ids,
                labels,
                weighted ? ints(from + length, length).toArray(ValueLayout.JAVA_FLOAT) : TrainingExample.UNWEIGHTED);
    }

    private MemorySegment ints(long from, long count) {
        return tokens.asSlice(from * Integer.BYTES, count * Integer.BYTES);
    }

    private long from(int row) {
        return row == 0 ? 0 : index.get(ValueLayout.JAVA_LONG, (row - 1L) * ENTRY);
    }

    private int tokensOf(int row) {
        return index.get(ValueLayout.JAVA_INT, (long) row * ENTRY + Long.BYTES);
    }

    @Override
    public int size() {
        return order.length;
    }

    /** Tokens of a row, which is not read for that. */
    public int length(int number) {
        return tokensOf(order[number]);
    }

    /** Tokens of a row that are learned; it is not read for that. */
    public int supervisedTokens(int number) {
        return index.get(ValueLayout.JAVA_INT, (long) order[number] * ENTRY + Long.BYTES + Integer.BYTES);
    }

    /** Digest of the first rows as they stand in the files, whatever the order. */
    String sha256(int rows) {
        MessageDigest digest = RowFile.sha256();
        update(digest, index.asSlice(0, (long) rows * ENTRY));
        update(digest, ints(0, from(rows)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, MemorySegment bytes) {
        // a buffer has at most 2 GiB
        long step = 1 << 30;
        for (long at = 0; at < bytes.byteSize(); at += step) {
            digest.update(
                    bytes.asSlice(at, Math.min(step, bytes.byteSize() - at)).asByteBuffer());
        }
    }

    /** Digest of the order, and of what it is an order of. */
    public String sha256OfOrder(String ofRows) {
        MessageDigest digest = RowFile.sha256();
        digest.update(HexFormat.of().parseHex(ofRows));
        ByteBuffer numbers = ByteBuffer.allocate(1 << 16);
        for (int row : order) {
            if (!numbers.hasRemaining()) {
                digest.update(numbers.flip());
                numbers.clear();
            }
            numbers.putInt(row);
        }
        digest.update(numbers.flip());
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Takes rows one after the other. */
    static final class Writer implements AutoCloseable {
        private final Path folder;
        private final Output tokens;
        private final Output index;
        private final Optional<LockedFile> lock;
        private long written;
        private long rows;

        private Writer(Path folder, Output tokens, Path index, Optional<LockedFile> lock) throws IOException {
            this.folder = folder;
            this.tokens = tokens;
            this.index = new Output(open(index));
            this.lock = lock;
        }

        private static FileChannel open(Path file) throws IOException {
            return FileChannel.open(file, CREATE, READ, WRITE);
        }

        /**
         * Files of these rows' own in a folder that has none yet; locked until this is closed or the process ends.
         *
         * @return empty if another process has taken the folder for abandoned before
         */
        static Optional<Writer> in(Path folder) throws IOException {
            Optional<LockedFile> tokens = LockedFile.tryLock(folder.resolve(TOKENS), CREATE, READ, WRITE);
            return tokens.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new Writer(folder, new Output(tokens.get().channel()), folder.resolve(INDEX), tokens));
        }

        /**
         * Whether nobody writes here any more.
         *
         * @throws IOException if nobody has begun
         */
        static boolean isUnlocked(Path folder) throws IOException {
            Optional<LockedFile> tokens = LockedFile.tryLock(folder.resolve(TOKENS), WRITE);
            if (tokens.isPresent()) {
                tokens.get().close();
            }
            return tokens.isPresent();
        }

        /** Files without a name, which go with the last view of them: whatever becomes of this process, nothing is left. */
        static Writer nameless(Path folder) throws IOException {
            Path tokens = Files.createTempFile(folder, "rows-", "." + TOKENS);
            Path index = Files.createTempFile(folder, "rows-", "." + INDEX);
            var writer = new Writer(folder, new Output(open(tokens)), index, Optional.empty());
            Files.delete(tokens);
            Files.delete(index);
            return writer;
        }

        void add(TrainingExample row) throws IOException {
            int[] ids = row.inputIds();
            for (int i = 0; i < ids.length; i++) {
                tokens.room().putInt(row.labels()[i] == ChatTemplate.IGNORED_LABEL ? ids[i] : ~ids[i]);
            }
            for (float weight : row.weights()) {
                tokens.room().putFloat(weight);
            }
            written += ids.length + row.weights().length;
            rows++;
            index.room().putLong(written).putInt(ids.length).putInt(row.supervisedTokens());
        }

        /** Bytes so far. */
        long bytes() {
            return written * Integer.BYTES + rows * ENTRY;
        }

        /** All that was written; nothing more is. */
        TokenisedRows finish() throws IOException {
            return of(tokens.finish(), index.finish());
        }

        /** Asks the disk to keep it. */
        void force() throws IOException {
            tokens.channel.force(false);
            index.channel.force(false);
        }

        @Override
        public void close() throws IOException {
            tokens.channel.close();
            index.channel.close();
            if (lock.isPresent()) {
                lock.get().close();
            }
        }

        @Override
        public String toString() {
            return folder.toString();
        }
    }

    /** A file that is written from its beginning, and then mapped. */
    private static final class Output {
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18).order(ByteOrder.nativeOrder());

        Output(FileChannel channel) {
            this.channel = channel;
        }

        /** With room for what is written at a time, {@link #ENTRY} at most. */
        ByteBuffer room() throws IOException {
            if (buffer.remaining() < ENTRY) {
                drain();
            }
            return buffer;
        }

        private void drain() throws IOException {
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }

        MemorySegment finish() throws IOException {
            drain();
            return mapped(channel, channel.size());
        }
    }
}
