package io.lorikeet.badrecords;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;

/**
 * A value that is neither a command nor an event, a checkpoint or a report, though some look like one.
 *
 * @param is what it is
 * @param text in UTF-8; null if it is given as {@code hex}
 * @param times how often the text is repeated; null for once
 * @param hex its bytes; null if it is given as {@code text}
 */
public record BadRecord(String is, String text, Integer times, String hex) {
    /** All of them. */
    public static List<BadRecord> all() {
        try (var lines = BadRecord.class.getResourceAsStream("bad-records.jsonl");
                var read = new JsonMapper().readerFor(BadRecord.class).<BadRecord>readValues(lines)) {
            return read.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Their values. */
    public static List<byte[]> values() {
        return all().stream().map(BadRecord::value).toList();
    }

    /** Its bytes. */
    public byte[] value() {
        return hex == null
                ? text.repeat(times == null ? 1 : times).getBytes(UTF_8)
                : HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return is;
    }
}
