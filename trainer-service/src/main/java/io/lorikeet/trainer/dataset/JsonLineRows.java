package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.function.Consumer;

/** One JSON object a line; empty lines are passed over. A broken line does not hide the problems after it. */
final class JsonLineRows implements RowReader {
    private static final ObjectReader ROW =
            JsonRows.MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @Override
    public void read(Reader text, String dataset, Consumer<RawRow> rows, Problems problems) throws IOException {
        var lines = new BufferedReader(text);
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                JsonRows.row(ROW.readTree(line), new RowSource(dataset, number), rows, problems);
            } catch (JsonProcessingException e) {
                problems.add(JsonRows.notJson(dataset, number, e));
            }
        }
    }
}
