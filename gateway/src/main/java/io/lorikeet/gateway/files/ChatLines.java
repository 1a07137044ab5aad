package io.lorikeet.gateway.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * A light look at rows of conversations, one a line, so that whoever uploads them hears at once of what no trainer can read;
 * what else may be wrong with them is the trainer's to say. One line at a time is in memory.
 */
final class ChatLines {
    private static final int LONGEST = 4 << 20;
    private static final String SUBJECT = "file";
    private static final String FORM =
            "{\"messages\": [{\"role\": \"user\", \"content\": …}, {\"role\": \"assistant\", \"content\": …}]}";

    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");

    private ChatLines() {}

    /**
     * Reads them all.
     *
     * @throws ContractException naming the first line that is wrong, and the key
     */
    static void check(InputStream bytes) throws IOException {
        var lines = new BufferedInputStream(bytes, 1 << 16);
        var line = new ByteArrayOutputStream();
        int number = 1;
        boolean empty = true;
        for (int b = lines.read(); b >= 0; b = lines.read()) {
            if (b == '\n') {
                empty &= !check(line, number++);
                line.reset();
            } else if (line.size() == LONGEST) {
                throw broken(number, "", "is longer than " + (LONGEST >> 20) + " MiB", null);
            } else {
                line.write(b);
            }
        }
        if (!check(line, number) && empty) {
            throw new ContractException(SUBJECT, new Problem("", "has no rows", "lines of " + FORM));
        }
    }

    /** Whether there is a row on the line. */
    private static boolean check(ByteArrayOutputStream line, int number) {
        var bytes = line.toByteArray();
        if (isBlank(bytes)) {
            return false;
        }
        if (!(Json.parse(bytes, SUBJECT + ", line " + number) instanceof ObjectNode row)) {
            throw broken(number, "", "is no JSON object", FORM);
        }
        if (!(row.get("messages") instanceof ArrayNode messages)) {
            throw broken(number, "messages", row.has("messages") ? "is no list" : "is missing", FORM);
        }
        boolean answered = false;
        for (int i = 0; i < messages.size(); i++) {
            answered |= check(messages.get(i), number, "messages[" + i + "]");
        }
        if (!answered) {
            throw broken(number, "messages", "has no answer to learn", "a message of the role assistant");
        }
        return true;
    }

    /** Whether the message is an answer. */
    private static boolean check(JsonNode message, int line, String at) {
        if (!message.isObject()) {
            throw broken(line, at, "is no JSON object", "{\"role\": …, \"content\": …}");
        }
        var role = message.path("role").asText();
        if (!ROLES.contains(role)) {
            throw broken(line, at + ".role", "is none", "system, user or assistant");
        }
        var content = message.path("content");
        boolean calls = message.hasNonNull("tool_calls") || message.hasNonNull("function_call");
        if (!content.isTextual() && !content.isArray() && !calls) {
            throw broken(line, at + ".content", "is no text", "a text, or a list of text parts");
        }
        return role.equals("assistant");
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    private static ContractException broken(int line, String key, String problem, String expected) {
        return new ContractException(SUBJECT + ", line " + line, new Problem(key, problem, expected));
    }
}
