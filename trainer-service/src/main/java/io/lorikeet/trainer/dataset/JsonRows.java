package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.trainer.files.Root;
import java.io.IOException;
import java.io.Reader;
import java.util.function.Consumer;

/** A JSON array of rows; a {@code .json} file that holds one object after the other is read as well. */
final class JsonRows implements RowReader {
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    @Override
    public void read(Reader text, String dataset, Consumer<RawRow> rows, Problems problems) throws IOException {
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return;
            }
            boolean array = first == JsonToken.START_ARRAY;
            JsonToken token = array ? parser.nextToken() : first;
            while (token != null && token != JsonToken.END_ARRAY) {
                var source =
                        new RowSource(dataset, parser.currentTokenLocation().getLineNr());
                row(MAPPER.readTree(parser), source, rows, problems);
                token = parser.nextToken();
            }
            if (array && parser.nextToken() != null) {
                throw new DatasetException("%s:%d: something follows after the array of rows"
                        .formatted(dataset, parser.currentTokenLocation().getLineNr()));
            }
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new DatasetException(notJson(dataset, line, e), e);
        }
    }

    static void row(JsonNode node, RowSource source, Consumer<RawRow> rows, Problems problems) {
        if (node instanceof ObjectNode fields) {
            rows.accept(new RawRow(source, fields));
        } else {
            problems.add(source, "a row is a JSON object, this is " + RowForms.kind(node));
        }
    }

    /** Says where, and not what stands there: who reads it may be somebody who must not see the file. */
    static String notJson(String dataset, int line, JsonProcessingException e) {
        String said = e.getOriginalMessage();
        String reason;
        if (e instanceof JsonEOFException) {
            reason = "it ends too early";
        } else if (e instanceof StreamConstraintsException || said.startsWith("Duplicate field")) {
            // figures, and a name
            reason = Root.shown(said);
        } else {
            reason = "unexpected text";
        }
        String column = e.getLocation() == null
                ? ""
                : " (column %d)".formatted(e.getLocation().getColumnNr());
        return "%s:%d: not valid JSON: %s%s".formatted(dataset, line, reason, column);
    }
}
