package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.StructAccessor;
import io.lorikeet.trainer.files.Root;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Rows of a Parquet file, whose columns may hold lists and structs. A row's place is its number, counted from 1. */
final class ParquetRows {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ParquetRows() {}

    /**
     * Reads to the end.
     *
     * @throws DatasetException if it is no Parquet file, or one whose compression is not known
     */
    static void read(Path file, String dataset, RowSink rows) {
        try (ParquetFileReader parquet = open(file, dataset);
                RowReader reader = reader(parquet, dataset)) {
            int number = 0;
            for (Optional<ObjectNode> row = next(reader, dataset, number);
                    row.isPresent();
                    row = next(reader, dataset, number)) {
                rows.row(new RowSource(dataset, ++number), row.get());
            }
        } catch (IOException e) {
            throw unreadable(dataset, e);
        }
    }

    private static ParquetFileReader open(Path file, String dataset) throws IOException {
        try {
            return ParquetFileReader.open(InputFile.of(file));
        } catch (RuntimeException e) {
            throw unreadable(dataset, e);
        }
    }

    private static RowReader reader(ParquetFileReader parquet, String dataset) {
        try {
            return parquet.rowReader();
        } catch (RuntimeException e) {
            throw unreadable(dataset, e);
        }
    }

    private static Optional<ObjectNode> next(RowReader reader, String dataset, int before) {
        try {
            if (!reader.hasNext()) {
                return Optional.empty();
            }
            reader.next();
            return Optional.of(struct(reader));
        } catch (RuntimeException e) {
            throw unreadable("%s:%d".formatted(dataset, before + 1), e);
        }
    }

    private static DatasetException unreadable(String where, Exception e) {
        Throwable reason = e.getCause() == null ? e : e.getCause();
        // figures and names of columns
        String said = Root.shown(String.valueOf(reason.getMessage()));
        return new DatasetException("%s: cannot be read as Parquet: %s".formatted(where, said), e);
    }

    private static ObjectNode struct(StructAccessor struct) {
        ObjectNode fields = JSON.objectNode();
        for (int i = 0; i < struct.getFieldCount(); i++) {
            if (!struct.isNull(i)) {
                fields.set(struct.getFieldName(i), value(struct.getValue(i)));
            }
        }
        return fields;
    }

    private static JsonNode value(Object value) {
        return switch (value) {
            case null -> JSON.nullNode();
            case String text -> JSON.textNode(text);
            case Boolean flag -> JSON.booleanNode(flag);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            case byte[] bytes -> JSON.binaryNode(bytes);
            case PqList list -> {
                var array = JSON.arrayNode();
                for (int i = 0; i < list.size(); i++) {
                    array.add(value(list.get(i)));
                }
                yield array;
            }
            case PqMap map -> {
                ObjectNode fields = JSON.objectNode();
                map.getEntries().forEach(entry -> fields.set(String.valueOf(entry.getKey()), value(entry.getValue())));
                yield fields;
            }
            case StructAccessor struct -> struct(struct);
            // dates, decimals and the like, which say nothing to training
            default -> JSON.textNode(value.toString());
        };
    }
}
