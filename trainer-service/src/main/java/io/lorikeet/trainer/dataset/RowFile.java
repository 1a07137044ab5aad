package io.lorikeet.trainer.dataset;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import io.lorikeet.contracts.DatasetFile;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** One dataset file: unpacks it, finds the reader of its format and decodes it as strict UTF-8. */
final class RowFile {
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final String dataset;

    /**
     * @param file where it is
     * @param dataset how the command names it
     */
    RowFile(Path file, String dataset) {
        this.file = file;
        this.dataset = dataset;
    }

    /**
     * Reads all of it.
     *
     * @return the digest of what was read
     * @throws DatasetException if nothing after a place can be read
     */
    DatasetFile read(RowSink rows) {
        if (!Files.isRegularFile(file)) {
            throw new DatasetException("dataset '%s' is %s; name a .json, .jsonl, .csv or .parquet file"
                    .formatted(dataset, Files.isDirectory(file) ? "a folder" : "no file"));
        }
        MessageDigest sha256 = sha256();
        try (InputStream bytes = new DigestInputStream(Files.newInputStream(file), sha256)) {
            if (dataset.toLowerCase(Locale.ROOT).endsWith(".parquet")) {
                ParquetRows.read(file, dataset, rows);
            } else {
                reader().read(text(unpacked(keptOpen(bytes))), dataset, rows);
            }
            bytes.transferTo(OutputStream.nullOutputStream());
            return digested(sha256);
        } catch (CharacterCodingException e) {
            throw new DatasetException(
                    "%s:%d: bytes that are not UTF-8; save the file as UTF-8".formatted(dataset, lineOfBadBytes()), e);
        } catch (MalformedInputException e) {
            throw new DatasetException("%s: cannot be read: it is damaged zstd data".formatted(dataset), e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * The digest of the file as it is now; empty if it is not there.
     *
     * @param alive called now and then
     */
    Optional<DatasetFile> digest(Runnable alive) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        MessageDigest sha256 = sha256();
        byte[] buffer = new byte[1 << 20];
        try (InputStream bytes = Files.newInputStream(file)) {
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                sha256.update(buffer, 0, read);
                alive.run();
            }
            return Optional.of(digested(sha256));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private DatasetFile digested(MessageDigest sha256) throws IOException {
        return new DatasetFile(dataset, HexFormat.of().formatHex(sha256.digest()), Files.size(file));
    }

    /** A reader closes what it has read, and the digest is over what comes after as well. */
    private static InputStream keptOpen(InputStream bytes) {
        return new FilterInputStream(bytes) {
            @Override
            public void close() {}
        };
    }

    private RowReader reader() {
        String name = dataset.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|zst)$", "");
        if (name.endsWith(".json")) {
            return new JsonRows();
        }
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return new JsonLineRows();
        }
        if (name.endsWith(".csv")) {
            return new CsvRows();
        }
        throw new DatasetException(
                "dataset '%s': the format is told by the ending, which is .json, .jsonl, .csv or .parquet, and .gz or .zst after the first three if it is compressed"
                        .formatted(dataset));
    }

    /** What the first bytes say goes before what the name says. */
    private InputStream unpacked(InputStream bytes) throws IOException {
        var buffered = new BufferedInputStream(bytes, BUFFER);
        buffered.mark(4);
        int magic = ByteBuffer.wrap(java.util.Arrays.copyOf(buffered.readNBytes(4), 4))
                .getInt();
        buffered.reset();
        if (magic >>> 16 == 0x1f8b) {
            return new GZIPInputStream(buffered, BUFFER);
        }
        if (magic == 0x28b52ffd) {
            return new ZstdInputStream(buffered);
        }
        if (magic == 0x504b0304) {
            throw new DatasetException(dataset
                    + ": is zip-compressed data; unpack it first, or compress the file itself with gzip or zstd");
        }
        return buffered;
    }

    private static Reader text(InputStream bytes) throws IOException {
        Reader text = new BufferedReader(new InputStreamReader(bytes, strictUtf8()), BUFFER);
        text.mark(1);
        if (text.read() != BYTE_ORDER_MARK) {
            text.reset();
        }
        return text;
    }

    private static CharsetDecoder strictUtf8() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Decodes again, without a buffer in between that hides where decoding stopped. */
    private int lineOfBadBytes() {
        try (InputStream in = unpacked(Files.newInputStream(file))) {
            ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
            CharBuffer chars = CharBuffer.allocate(BUFFER);
            CharsetDecoder decoder = strictUtf8();
            int line = 1;
            boolean end = false;
            while (true) {
                int read = in.readNBytes(bytes.array(), bytes.position(), bytes.remaining());
                end |= read < bytes.remaining();
                bytes.limit(bytes.position() + read).rewind();
                boolean bad = decoder.decode(bytes, chars.clear(), end).isError();
                for (int i = 0; i < bytes.position(); i++) {
                    if (bytes.get(i) == '\n') {
                        line++;
                    }
                }
                if (bad || end) {
                    return line;
                }
                bytes.compact();
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private DatasetException unreadable(IOException e) {
        return new DatasetException("%s: cannot be read: %s".formatted(dataset, e), e);
    }
}
