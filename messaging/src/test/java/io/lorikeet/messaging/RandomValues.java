package io.lorikeet.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What anybody may write to a topic: noise, JSON of any shape, and messages that are nearly right. The seed is all of it. */
final class RandomValues {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** One of each kind that a topic holds. */
    static final List<String> MESSAGES = List.of(
            """
            {"type": "train", "job_id": "j", "adapter": "a", "dataset": ["d.json#5"], "lora_rank": 8, "learning_rate": 1e-4,
             "acceptance": [{"question": "q", "must_contain": ["x"]}], "rows": [{"query": "q", "response": "r"}]}""",
            "{\"type\": \"cancel\", \"job_id\": \"j\"}",
            "{\"type\": \"queued\", \"job_id\": \"j\", \"adapter\": \"a\", \"time\": \"2026-01-02T03:04:05Z\"}",
            """
            {"type": "progress", "job_id": "j", "adapter": "a", "time": "2026-01-02T03:04:05Z", "global_step": 1,
             "max_steps": 2, "epoch": 0.5, "loss": 1.5, "grad_norm": 1, "learning_rate": 1e-4, "token_acc": 0.5,
             "elapsed_time": 1, "remaining_time": 1, "memory": 0.5, "train_speed": 1}""",
            """
            {"type": "accepted", "job_id": "j", "adapter": "a", "time": "2026-01-02T03:04:05Z",
             "answers": [{"question": "q", "answer": "a", "passed": true}]}""",
            """
            {"type": "failed", "job_id": "j", "time": "2026-01-02T03:04:05Z", "reason": "r", "retryable": false}""",
            """
            {"type": "checkpoint", "adapter": "a", "version": "j@1", "uri": "file:///x", "r": 8, "lora_alpha": 32,
             "use_rslora": false, "files": [{"name": "f", "sha256": "%s", "size": 1}], "target_modules": ["q_proj"],
             "base_model": {"id": "b", "fingerprint": "sha256:0"}, "time": "2026-01-02T03:04:05Z"}""".formatted("ab".repeat(32)));

    private final Random random;

    RandomValues(long seed) {
        random = new Random(seed);
    }

    /** The next value of a record. */
    byte[] next() {
        return switch (random.nextInt(4)) {
            case 0 -> noise();
            case 1 -> text(json(5));
            case 2 -> damaged(oneOf(MESSAGES).getBytes(UTF_8));
            default -> text(changed(message()));
        };
    }

    private byte[] noise() {
        var bytes = new byte[random.nextInt(64)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** With bytes lost, changed or doubled. */
    private byte[] damaged(byte[] message) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(message.length);
            switch (random.nextInt(3)) {
                case 0 -> message[at] = (byte) random.nextInt();
                case 1 -> message = Arrays.copyOf(message, Math.max(1, at));
                default -> {
                    var longer = Arrays.copyOf(message, message.length + 1);
                    System.arraycopy(message, at, longer, at + 1, message.length - at);
                    message = longer;
                }
            }
        }
        return message;
    }

    private ObjectNode message() {
        return (ObjectNode) Json.parse(oneOf(MESSAGES).getBytes(UTF_8), "message");
    }

    /** With a field lost, or with another value, here or further down. */
    private JsonNode changed(ObjectNode message) {
        var names = new ArrayList<String>();
        message.fieldNames().forEachRemaining(names::add);
        var name = oneOf(names);
        switch (random.nextInt(4)) {
            case 0 -> message.remove(name);
            case 1 -> message.set(oneOf(names), message.get(name));
            case 2 -> message.set(name(), json(2));
            default -> {
                var value = message.get(name);
                message.set(
                        name,
                        value.path(0) instanceof ObjectNode inner && random.nextBoolean()
                                ? JSON.arrayNode().add(changed(inner))
                                : json(3));
            }
        }
        return message;
    }

    private JsonNode json(int depth) {
        return switch (random.nextInt(depth > 0 ? 10 : 8)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.booleanNode(random.nextBoolean());
            case 2 -> JSON.numberNode(random.nextInt());
            case 3 -> JSON.numberNode(Double.longBitsToDouble(random.nextLong()));
            case 4 -> JSON.numberNode(BigInteger.TEN.pow(random.nextInt(1200)));
            case 5 -> JSON.numberNode(new BigDecimal(BigInteger.ONE, random.nextInt(4_000) - 2_000));
            case 6, 7 -> JSON.textNode(characters());
            case 8 -> {
                var list = JSON.arrayNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(json(depth - 1));
                }
                yield list;
            }
            default -> {
                var object = JSON.objectNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.set(name(), json(depth - 1));
                }
                yield object;
            }
        };
    }

    private String name() {
        return random.nextBoolean()
                ? oneOf(List.of(
                        "type", "job_id", "adapter", "time", "rows", "system", "model", "schema_version", "uri"))
                : characters();
    }

    private String characters() {
        return switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> "\u0000\r\n\t\"\\";
            case 2 -> oneOf(List.of("train", "queued", "checkpoint", "../..", "NaN", "null", "9999-99-99T99:99:99Z"));
            case 3 -> "x".repeat(random.nextInt(3_000));
            default -> new String(noise(), UTF_8);
        };
    }

    /** As JSON; characters of their own may be written as escapes, which can also say what no characters are. */
    private byte[] text(JsonNode json) {
        var text = json.toString();
        return (random.nextInt(8) == 0 ? text.replace("x", "\\ud8" + (10 + random.nextInt(80))) : text).getBytes(UTF_8);
    }

    private <T> T oneOf(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }
}
