package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Comma-separated values as RFC 4180 has them: a header, quotes around what holds commas, quotes (doubled) or line
 * breaks. An empty cell counts as a field that the row does not have.
 */
final class CsvRows implements RowReader {

    @Override
    public void read(Reader text, String dataset, Consumer<RawRow> rows, Problems problems) throws IOException {
        var records = new Records(new BufferedReader(text), dataset);
        List<String> header = records.next();
        if (header == null) {
            return;
        }
        checkHeader(header, dataset);
        for (List<String> cells = records.next(); cells != null; cells = records.next()) {
            var source = new RowSource(dataset, records.startLine);
            if (cells.size() == 1 && cells.getFirst().isEmpty()) {
                continue;
            }
            if (cells.size() != header.size()) {
                problems.add(
                        source,
                        "has %d columns, the header has %d; text with a comma or a line break stands in double quotes"
                                .formatted(cells.size(), header.size()));
                continue;
            }
            ObjectNode fields = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < header.size(); i++) {
                if (!cells.get(i).isEmpty()) {
                    fields.put(header.get(i), cells.get(i));
                }
            }
            rows.accept(new RawRow(source, fields));
        }
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

    /** The records of a file, each a list of cells, with the line on which it began. */
    private static final class Records {
        private final BufferedReader text;
        private final String dataset;
        private int line = 1;
        private int startLine = 1;

        Records(BufferedReader text, String dataset) {
            this.text = text;
            this.dataset = dataset;
        }

        /** The next record, or null at the end of the file. */
        List<String> next() throws IOException {
            startLine = line;
            int c = text.read();
            if (c < 0) {
                return null;
            }
            var cells = new ArrayList<String>();
            var cell = new StringBuilder();
            while (true) {
                if (c == '"' && cell.isEmpty()) {
                    c = quoted(cell);
                } else {
                    while (c >= 0 && c != ',' && c != '\n' && c != '\r') {
                        cell.append((char) c);
                        c = text.read();
                    }
                }
                cells.add(cell.toString());
                cell.setLength(0);
                if (c == ',') {
                    c = text.read();
                    continue;
                }
                if (c == '\r') {
                    text.mark(1);
                    if (text.read() != '\n') {
                        text.reset();
                    }
                }
                line++;
                return cells;
            }
        }

        /** Reads a quoted cell whose opening quote is consumed; returns what follows the closing one. */
        private int quoted(StringBuilder cell) throws IOException {
            int opened = line;
            while (true) {
                int c = text.read();
                if (c < 0) {
                    throw new DatasetException(
                            "%s:%d: a cell opens a double quote that is never closed".formatted(dataset, opened));
                }
                if (c == '\n') {
                    line++;
                }
                if (c != '"') {
                    cell.append((char) c);
                    continue;
                }
                int after = text.read();
                if (after == '"') {
                    cell.append('"');
                    continue;
                }
                if (after >= 0 && after != ',' && after != '\n' && after != '\r') {
                    throw new DatasetException(
                            "%s:%d: text follows after a closing double quote; a quote inside a cell is written twice"
                                    .formatted(dataset, line));
                }
                return after;
            }
        }
    }
}
