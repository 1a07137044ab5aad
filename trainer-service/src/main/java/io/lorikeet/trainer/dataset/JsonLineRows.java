package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;

/** One JSON object a line; empty lines are passed over. A broken line does not hide the problems after it. */
final class JsonLineRows implements RowReader {

    @Override
    public void read(Reader text, String dataset, RowSink rows) throws IOException {
        var lines = new BufferedReader(text);
        int number = 0;
        boolean first = true;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            if (first && line.stripLeading().startsWith("[")) {
                throw new DatasetException(
                        "%s:%d: the file is a JSON array, and a .jsonl file has one object a line; name it .json"
                                .formatted(dataset, number));
            }
            first = false;
            read(line, new RowSource(dataset, number), rows);
        }
    }

    private static void read(String line, RowSource source, RowSink rows) throws IOException {
        try (JsonParser parser = JsonRows.MAPPER.createParser(line)) {
            JsonNode row = JsonRows.MAPPER.readTree(parser);
            JsonToken next = parser.nextToken();
            if (next == null) {
                JsonRows.row(row, source, rows);
            } else if (next == JsonToken.START_OBJECT) {
                rows.broken(source + ": the line holds two objects or more; each stands on a line of its own");
            } else {
                rows.broken(source + ": something follows after the object; a line holds one object and nothing else");
            }
        } catch (JsonProcessingException e) {
            if (e.getOriginalMessage().startsWith("Unexpected end-of-input")) {
                // what comes after is no line of its own, so there is no use in more of the same
                throw new DatasetException(
                        source
                                + ": not valid JSON: the object does not end on this line, and a .jsonl file has one object"
                                + " a line; name a file .json whose objects go over several",
                        e);
            }
            rows.broken(JsonRows.notJson(source, e));
        }
    }
}
