package io.lorikeet.gateway.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Who a request for a completion is for. */
public final class AskedModels {
    private static final JsonFactory JSON = new JsonFactory();

    private AskedModels() {}

    /** Every {@code model} that the request names: one, unless the inference service refuses it. */
    public static List<String> of(Buffer json) {
        var models = new ArrayList<String>();
        try (var parser = JSON.createParser(json.getBytes())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return models;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                var value = parser.nextToken();
                if (name.equals("model") && value == JsonToken.VALUE_STRING) {
                    models.add(parser.getText());
                }
                parser.skipChildren();
            }
        } catch (IOException _) {
            // no JSON: the inference service says so
        }
        return models;
    }
}
