package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.UncheckedIOException;
import java.time.Instant;

/** The one mapper of all messages: snake_case, times as ISO 8601, duplicate keys and trailing text refused. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new SimpleModule("lorikeet-times").addDeserializer(Instant.class, new QuickInstant()))
            .addModule(new CommandModule())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
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
     * @throws ContractException whatever else the bytes are
     */
    public static <T> T read(byte[] json, Class<T> type) {
        var whole = JsonText.readWhole(json, MAPPER.readerFor(type));
        if (whole.isPresent()) {
            return type.cast(whole.get());
        }
        return convert(parse(json, Mismatch.subject(type)), type);
    }

    /**
     * Reads a message out of a tree.
     *
     * @throws ContractException if it is not of this type
     */
    public static <T> T convert(JsonNode json, Class<T> type) {
        try {
            var message = MAPPER.treeToValue(json, type);
            if (message == null) {
                throw new ContractException(Mismatch.subject(type), new Problem("", "is null", "an object"));
            }
            return message;
        } catch (ContractException e) {
            throw e;
        } catch (JsonProcessingException | RuntimeException e) {
            throw Mismatch.told(e, type);
        }
    }

    /**
     * Any JSON but {@code null} as a tree.
     *
     * @param subject what is read, for the message
     * @throws ContractException naming line and column, whatever else the bytes are
     */
    public static JsonNode parse(byte[] json, String subject) {
        return JsonText.parse(json, subject, MAPPER.reader());
    }
}
