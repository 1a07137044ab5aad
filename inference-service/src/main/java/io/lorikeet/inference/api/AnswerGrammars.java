package io.lorikeet.inference.api;

import static io.lorikeet.inference.api.CommonFields.broken;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.grammar.Grammar;
import io.lorikeet.engine.grammar.JsonSchema;
import io.lorikeet.engine.grammar.SchemaException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the answers of chat completions have to be, by {@code response_format} and tools. Those that came lately are kept, with
 * what the engine has found out about them: a client asks with the same schema again and again. Thread-safe.
 */
final class AnswerGrammars {
    private static final int KEPT = 64;
    private static final String SCHEMA = "response_format.json_schema.schema";

    private record Key(JsonNode format, ToolUse tools) {}

    private final Map<Key, Optional<Grammar>> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Optional<Grammar>> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * Empty if the answer may be anything.
     *
     * @param format null if the request has none
     * @throws io.lorikeet.contracts.ContractException naming what cannot be enforced
     */
    Optional<Grammar> of(JsonNode format, ToolUse tools) {
        var key = new Key(format, tools);
        Optional<Grammar> grammar = find(key);
        if (grammar.isEmpty()) {
            grammar = make(key);
            keep(key, grammar);
        }
        return grammar;
    }

    private synchronized Optional<Grammar> find(Key key) {
        return known.getOrDefault(key, Optional.empty());
    }

    private synchronized void keep(Key key, Optional<Grammar> grammar) {
        if (grammar.isPresent()) {
            known.put(key, grammar);
        }
    }

    private static Optional<Grammar> make(Key key) {
        try {
            return key.tools.grammar(format(key.format));
        } catch (SchemaException e) {
            throw broken(e.path(), e.problem(), "a schema that can be enforced");
        }
    }

    private static Optional<Grammar> format(JsonNode format) {
        if (format == null || format.isNull()) {
            return Optional.empty();
        }
        return switch (format.path("type").asText()) {
            case "text" -> Optional.empty();
            case "json_object" -> Optional.of(JsonSchema.anyObject());
            case "json_schema" -> {
                JsonNode schema = format.path("json_schema").path("schema");
                if (!schema.isObject()) {
                    throw broken(SCHEMA, "is missing", "a JSON Schema");
                }
                yield Optional.of(JsonSchema.grammar(schema, SCHEMA));
            }
            default -> throw broken("response_format.type", "is none", "text, json_object or json_schema");
        };
    }
}
