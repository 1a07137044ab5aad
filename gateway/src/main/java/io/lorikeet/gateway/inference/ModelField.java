package io.lorikeet.gateway.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.lorikeet.contracts.Json;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Optional;

/**
 * Where a request for a completion says whom it asks, and on whose behalf, so that another model can be put there and all else
 * stays as it is, byte for byte.
 *
 * @param begin of the value of {@code model}, in bytes
 * @param end of it
 * @param user OpenAI's field of that name
 */
public record ModelField(String model, int begin, int end, Optional<String> user) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Of a request; empty unless it names one model, in UTF-8. */
    public static Optional<ModelField> of(Buffer json) {
        ModelField found = null;
        var user = Optional.<String>empty();
        try (var parser = JSON.createParser(json.getBytes())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                boolean text = parser.nextToken() == JsonToken.VALUE_STRING;
                if (text && name.equals("user")) {
                    user = Optional.of(parser.getText());
                } else if (name.equals("model")) {
                    int begin = (int) parser.currentTokenLocation().getByteOffset();
                    if (!text || found != null || begin < 0) {
                        return Optional.empty();
                    }
                    var model = parser.getText();
                    found = new ModelField(
                            model, begin, (int) parser.currentLocation().getByteOffset(), Optional.empty());
                }
                parser.skipChildren();
            }
        } catch (IOException _) {
            return Optional.empty(); // no JSON: the inference service says so
        }
        var by = user;
        return Optional.ofNullable(found).map(field -> new ModelField(field.model, field.begin, field.end, by));
    }

    /** The same request for another model. */
    public Buffer with(Buffer json, String other) {
        return Buffer.buffer(json.length() + other.length())
                .appendBuffer(json.getBuffer(0, begin))
                .appendBytes(Json.write(other))
                .appendBuffer(json.getBuffer(end, json.length()));
    }
}
