package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;

/** The one mapper of all messages: snake_case, times as ISO 8601, duplicate keys and trailing text refused. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new CommandModule())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private Json() {}

    /** The mapper itself, for those that hand it on; it is immutable by convention. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** A message as UTF-8 JSON. */
    public static byte[] write(Object message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a message.
     *
     * @throws ContractException if it is no JSON, or not of this type
     */
    public static <T> T read(byte[] json, Class<T> type) {
        return convert(parse(json, type.getSimpleName()), type);
    }

    /**
     * Reads a message out of a tree.
     *
     * @throws ContractException if it is not of this type
     */
    public static <T> T convert(JsonNode json, Class<T> type) {
        try {
            return MAPPER.treeToValue(json, type);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof ContractException broken) {
                throw broken;
            }
            throw new ContractException(type.getSimpleName(), new Problem(path(e), e.getOriginalMessage(), null));
        } catch (JsonProcessingException e) {
            throw new ContractException(type.getSimpleName(), new Problem("", e.getOriginalMessage(), null));
        }
    }

    /**
     * Any JSON as a tree.
     *
     * @param subject what is read, for the message
     * @throws ContractException naming line and column if it is no JSON
     */
    public static JsonNode parse(byte[] json, String subject) {
        if (json == null || json.length == 0) {
            throw new ContractException(subject, new Problem("", "is empty", "a JSON object"));
        }
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            var where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new ContractException(
                    subject, new Problem("", "is not JSON" + where + ": " + e.getOriginalMessage(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                .collect(Collectors.joining("."));
    }
}
