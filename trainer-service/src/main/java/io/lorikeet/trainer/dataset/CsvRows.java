package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Comma-separated values as RFC 4180 has them: a header, quotes around what holds commas, quotes (doubled) or line
 * breaks. An empty cell counts as a field that the row does not have.
 */
final class CsvRows implements RowReader {
    /** Empty lines are told apart here, since a record's line is known by the one before it. */
    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setIgnoreEmptyLines(false).get();

    @Override
    public void read(Reader text, String dataset, RowSink rows) throws IOException {
        CSVParser records = CSVParser.parse(text, FORMAT);
        Iterator<CSVRecord> each = records.iterator();
        Optional<CSVRecord> header = next(each, dataset, 1);
        if (header.isEmpty()) {
            return;
        }
        checkHeader(header.get().toList(), dataset);
        while (true) {
            long line = records.getCurrentLineNumber() + 1;
            Optional<CSVRecord> record = next(each, dataset, line);
            if (record.isEmpty()) {
                return;
            }
            if (record.get().size() > 1 || !record.get().get(0).isEmpty()) {
                row(record.get(), header.get(), new RowSource(dataset, Math.toIntExact(line)), rows);
            }
        }
    }

    /** Empty at the end of the file. */
    private static Optional<CSVRecord> next(Iterator<CSVRecord> records, String dataset, long line) throws IOException {
        try {
            return records.hasNext() ? Optional.of(records.next()) : Optional.empty();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof CSVException broken) {
                throw new DatasetException(
                        broken.getMessage().contains("EOF")
                                ? "%s:%d: a cell opens a double quote that is never closed".formatted(dataset, line)
                                : "%s:%d: text follows after a closing double quote; a quote inside a cell is written twice"
                                        .formatted(dataset, line),
                        broken);
            }
            throw e.getCause();
        }
    }

    private static void row(CSVRecord record, CSVRecord header, RowSource source, RowSink rows) {
        if (record.size() != header.size()) {
            rows.broken(
                    "%s: has %d columns, the header has %d; text with a comma or a line break stands in double quotes"
                            .formatted(source, record.size(), header.size()));
            return;
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < header.size(); i++) {
            if (!record.get(i).isEmpty()) {
                fields.put(header.get(i), record.get(i));
            }
        }
        rows.row(source, fields);
    }

    private static void checkHeader(List<String> header, String dataset) {
        var seen = new HashSet<String>();
        for (String name : header) {
            if (name.isBlank()) {
                throw new DatasetException("%s:1: the header has a column without a name".formatted(dataset));
            }
            if (!seen.add(name)) {
                throw new DatasetException("%s:1: the header names the column '%s' twice".formatted(dataset, name));
            }
        }
    }
}
