package io.lorikeet.gateway.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lorikeet.contracts.Json;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request for a completion as it came, and what the gateway has to know of it, which is read here, once: whom it asks and on
 * whose behalf.
 *
 * @param models all that it names: one, unless the inference service refuses it
 * @param user OpenAI's field of that name
 * @param at where its one model stands; empty unless it names one, in UTF-8
 */
public record CompletionRequest(Buffer json, List<String> models, Optional<String> user, Optional<Span> at) {
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * A value in the request.
     *
     * @param begin in bytes
     * @param end behind its last byte
     */
    record Span(int begin, int end) {}

    /** Reads one. What is no JSON the inference service refuses. */
    public static CompletionRequest of(Buffer json) {
        var models = new ArrayList<String>();
        var user = Optional.<String>empty();
        var at = Optional.<Span>empty();
        boolean named = false;
        boolean whole = false;
        try (var parser = JSON.createParser(json.getBytes())) {
            boolean object = parser.nextToken() == JsonToken.START_OBJECT;
            while (object && parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                boolean text = parser.nextToken() == JsonToken.VALUE_STRING;
                if (name.equals("model")) {
                    at = text && !named ? span(parser) : Optional.empty();
                    named = true;
                    if (text) {
                        models.add(parser.getText());
                    }
                } else if (text && name.equals("user")) {
                    user = Optional.of(parser.getText());
                }
                parser.skipChildren();
            }
            whole = object;
        } catch (IOException _) {
            // as far as it goes: whatever it names has to be allowed
        }
        return new CompletionRequest(json, List.copyOf(models), user, whole ? at : Optional.empty());
    }

    /** The text that is read now. */
    private static Optional<Span> span(JsonParser parser) throws IOException {
        int begin = (int) parser.currentTokenLocation().getByteOffset();
        parser.finishToken();
        return begin < 0
                ? Optional.empty()
                : Optional.of(new Span(begin, (int) parser.currentLocation().getByteOffset()));
    }

    /** The model that is asked; empty if it names none. */
    public Optional<String> model() {
        return models.stream().findFirst();
    }

    /** Whether another model can be put in the place of its one. */
    public boolean isOfOneModel() {
        return at.isPresent();
    }

    /** The same request for another model, all else as it is, byte for byte. */
    public CompletionRequest with(String other) {
        var span = at.orElseThrow();
        var name = Json.write(other);
        var changed = Buffer.buffer(json.length() + name.length)
                .appendBuffer(json.getBuffer(0, span.begin()))
                .appendBytes(name)
                .appendBuffer(json.getBuffer(span.end(), json.length()));
        return new CompletionRequest(
                changed, List.of(other), user, Optional.of(new Span(span.begin(), span.begin() + name.length)));
    }
}
