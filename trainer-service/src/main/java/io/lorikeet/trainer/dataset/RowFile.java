package io.lorikeet.trainer.dataset;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One dataset file: finds the reader of its format and decodes it as strict UTF-8. */
final class RowFile {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private RowFile() {}

    /**
     * @param file where it is
     * @param dataset how the command names it
     */
    static List<RawRow> read(Path file, String dataset, Problems problems) {
        var rows = new ArrayList<RawRow>();
        if (!Files.isRegularFile(file)) {
            throw new DatasetException("dataset '%s' is %s; name a .json, .jsonl or .csv file"
                    .formatted(dataset, Files.isDirectory(file) ? "a folder" : "no file"));
        }
        RowReader reader = readerFor(dataset);
        try {
            refuseCompressed(file, dataset);
            try (Reader text = open(file)) {
                reader.read(text, dataset, rows::add, problems);
            }
        } catch (CharacterCodingException e) {
            throw new DatasetException(
                    "%s:%d: bytes that are not UTF-8; save the file as UTF-8".formatted(dataset, lineOfBadBytes(file)),
                    e);
        } catch (IOException e) {
            throw new DatasetException("%s: cannot be read: %s".formatted(dataset, e), e);
        }
        return rows;
    }

    private static RowReader readerFor(String dataset) {
        String name = dataset.toLowerCase(Locale.ROOT);
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
                "dataset '%s': the format is told by the ending, which is .json, .jsonl or .csv".formatted(dataset));
    }

    private static void refuseCompressed(Path file, String dataset) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(2);
        }
        boolean gzip = head.length == 2 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b;
        boolean zip = head.length == 2 && head[0] == 'P' && head[1] == 'K';
        if (gzip || zip) {
            throw new DatasetException(
                    "%s: is %s data; unpack it first".formatted(dataset, gzip ? "gzip-compressed" : "zip-compressed"));
        }
    }

    private static Reader open(Path file) throws IOException {
        Reader text = new BufferedReader(new InputStreamReader(Files.newInputStream(file), strictUtf8()), 1 << 16);
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

    /** Decodes again, without a buffer in between that hides where decoding stopped. */
    private static int lineOfBadBytes(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            CharBuffer chars = CharBuffer.allocate(1 << 16);
            CharsetDecoder decoder = strictUtf8();
            while (decoder.decode(bytes, chars, true).isOverflow()) {
                chars.clear();
            }
            int line = 1;
            for (int i = 0; i < bytes.position(); i++) {
                if (bytes.get(i) == '\n') {
                    line++;
                }
            }
            return line;
        } catch (IOException e) {
            throw new DatasetException("%s: cannot be read: %s".formatted(file, e), e);
        }
    }
}
