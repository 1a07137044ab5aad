package io.lorikeet.cli.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * A record as a line of a dump: {@code {"partition": 0, "timestamp": 1767323045000, "key": "assistant", "value": "{…}",
 * "headers": [{"key": "ce_id", "value": "…"}]}}. Bytes that are UTF-8 stand there as text, others as {@code {"base64": "…"}};
 * null is null, which as a value is a tombstone.
 */
final class DumpLine {
    private DumpLine() {}

    static JsonNode of(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("partition", record.partition()).put("timestamp", record.timestamp());
        json.set("key", bytes(record.key()));
        json.set("value", bytes(record.value()));
        var headers = json.putArray("headers");
        for (Header header : record.headers()) {
            headers.addObject().put("key", header.key()).set("value", bytes(header.value()));
        }
        return json;
    }

    /** @throws IOException if the line is no record */
    static ProducerRecord<byte[], byte[]> read(String topic, JsonNode json) throws IOException {
        if (!json.path("partition").isInt() || !json.path("timestamp").isIntegralNumber()) {
            throw new IOException("no record: partition and timestamp are not both numbers");
        }
        List<Header> headers = new ArrayList<>();
        for (JsonNode header : json.path("headers")) {
            if (!header.path("key").isTextual()) {
                throw new IOException("headers: one has no key");
            }
            headers.add(new RecordHeader(header.get("key").textValue(), bytes(header, "value")));
        }
        return new ProducerRecord<>(
                topic,
                json.get("partition").intValue(),
                json.get("timestamp").longValue(),
                bytes(json, "key"),
                bytes(json, "value"),
                headers);
    }

    private static JsonNode bytes(byte[] bytes) {
        if (bytes == null) {
            return NullNode.getInstance();
        }
        try {
            // a decoder that reports what is no UTF-8, instead of writing something else in its place
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return JsonNodeFactory.instance.textNode(text.toString());
        } catch (CharacterCodingException e) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("base64", Base64.getEncoder().encodeToString(bytes));
        }
    }

    /** A field must be there: a value that was forgotten must not become a tombstone. */
    private static byte[] bytes(JsonNode json, String field) throws IOException {
        JsonNode bytes = json.path(field);
        if (bytes.isNull()) {
            return null;
        }
        if (bytes.isTextual()) {
            return bytes.textValue().getBytes(StandardCharsets.UTF_8);
        }
        if (bytes.path("base64").isTextual()) {
            return bytes.path("base64").binaryValue();
        }
        throw new IOException(field + ": neither a text, nor {\"base64\": …}, nor null");
    }
}
