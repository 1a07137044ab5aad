package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.training.TrainingExample;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * Tokenised rows in a file that is mapped into memory: as many as the disk holds, whatever the heap does. The heap keeps 16
 * bytes a row. The file has no name, and goes with the last view of it.
 *
 * <p>A token is an int, negative ({@code ~id}) where it is learned.
 */
public final class TokenisedRows extends AbstractList<TrainingExample> implements RandomAccess {
    private final MemorySegment tokens;
    private final long[] ends;
    private final int[] supervised;
    private final int[] order;

    private TokenisedRows(MemorySegment tokens, long[] ends, int[] supervised, int[] order) {
        this.tokens = tokens;
        this.ends = ends;
        this.supervised = supervised;
        this.order = order;
    }

    /** These rows, in this order; a row may come twice. */
    TokenisedRows select(int[] rows) {
        return new TokenisedRows(tokens, ends, supervised, rows);
    }

    @Override
    public TrainingExample get(int index) {
        int[] ids = row(order[index]).toArray(ValueLayout.JAVA_INT);
        int[] labels = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            boolean learned = ids[i] < 0;
            ids[i] = learned ? ~ids[i] : ids[i];
            labels[i] = learned ? ids[i] : ChatTemplate.IGNORED_LABEL;
        }
        return new TrainingExample(ids, labels);
    }

    private MemorySegment row(int row) {
        return tokens.asSlice(from(row) * Integer.BYTES, (ends[row] - from(row)) * Integer.BYTES);
    }

    private long from(int row) {
        return row == 0 ? 0 : ends[row - 1];
    }

    @Override
    public int size() {
        return order.length;
    }

    /** Tokens of a row, which is not read for that. */
    public int length(int index) {
        return (int) (ends[order[index]] - from(order[index]));
    }

    /** Tokens of a row that are learned; it is not read for that. */
    public int supervisedTokens(int index) {
        return supervised[order[index]];
    }

    /** Digest of the rows and of their order. They are read as they stand in the file, which is much faster. */
    public String sha256() {
        MessageDigest digest = RowFile.sha256();
        int before = -1;
        for (int row : IntStream.of(order).sorted().toArray()) {
            if (row != before) {
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, (int) (ends[row] - from(row))));
                digest.update(row(row).asByteBuffer());
            }
            before = row;
        }
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
        private final Path file;
        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.nativeOrder());
        private long[] ends = new long[1_024];
        private int[] supervised = new int[1_024];
        private int rows;
        private long written;

        /** @param folder with room for four bytes a token */
        Writer(Path folder) throws IOException {
            file = Files.createTempFile(folder, "rows-", ".tokens");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            // whatever becomes of this process, it leaves nothing behind
            Files.delete(file);
        }

        void add(TrainingExample row) throws IOException {
            int[] ids = row.inputIds();
            for (int i = 0; i < ids.length; i++) {
                if (!buffer.hasRemaining()) {
                    drain();
                }
                buffer.putInt(row.labels()[i] == ChatTemplate.IGNORED_LABEL ? ids[i] : ~ids[i]);
            }
            if (rows == ends.length) {
                ends = Arrays.copyOf(ends, rows + (rows >> 1));
                supervised = Arrays.copyOf(supervised, ends.length);
            }
            written += ids.length;
            ends[rows] = written;
            supervised[rows++] = row.supervisedTokens();
        }

        private void drain() throws IOException {
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }

        /** All that was written; nothing more is. */
        TokenisedRows finish() throws IOException {
            drain();
            MemorySegment tokens = written == 0
                    ? MemorySegment.NULL
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, written * Integer.BYTES, Arena.ofAuto());
            int[] all = new int[rows];
            Arrays.setAll(all, i -> i);
            return new TokenisedRows(tokens, Arrays.copyOf(ends, rows), Arrays.copyOf(supervised, rows), all);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }
}
