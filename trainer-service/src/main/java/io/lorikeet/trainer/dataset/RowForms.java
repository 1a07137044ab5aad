package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.trainer.files.Root;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The forms in which rows come, each turned into a {@link Conversation}:
 *
 * <ul>
 *   <li>{@code instruction}, {@code input}, {@code output} (joined {@code instruction\ninput} when both are there)
 *   <li>{@code query}, {@code response} and their usual aliases, {@code history} as pairs of texts
 *   <li>{@code messages} or {@code conversations} with {@code role}/{@code content} or {@code from}/{@code value}
 * </ul>
 *
 * each with an optional {@code system}. Fields that say nothing about the conversation (an id, a category) are passed
 * over; fields that would change what is trained and that a text model cannot honour are refused.
 */
final class RowForms {
    private static final List<String> MESSAGES = List.of("messages", "conversations", "conversation");
    private static final List<String> SYSTEM = List.of("system", "system_prompt");
    private static final List<String> QUERY = List.of("query", "prompt", "question", "problem", "instruction", "input");
    private static final List<String> RESPONSE = List.of(
            "response",
            "output",
            "answer",
            "completion",
            "target",
            "targets",
            "solution",
            "answers",
            "text",
            "content");
    private static final List<String> NOT_TEXT =
            List.of("images", "image", "videos", "video", "audios", "audio", "objects", "tools");

    private RowForms() {}

    static Conversation conversation(RawRow row) throws RowException {
        ObjectNode fields = row.fields();
        for (String name : NOT_TEXT) {
            if (holdsSomething(fields.get(name))) {
                throw new RowException("field '%s' is not supported: rows are text".formatted(name));
            }
        }
        Optional<String> list = one(fields, MESSAGES, "conversation");
        List<ChatMessage> messages = list.isPresent() ? messages(fields, list.get()) : queryAndResponse(fields);
        Optional<String> system = one(fields, SYSTEM, "system prompt");
        if (system.isPresent() && messages.getFirst().role() != Role.SYSTEM) {
            messages.addFirst(new ChatMessage(Role.SYSTEM, text(fields, system.get())));
        }
        return new Conversation(row.source(), messages);
    }

    // query and response

    private static List<ChatMessage> queryAndResponse(ObjectNode fields) throws RowException {
        var messages = new ArrayList<ChatMessage>();
        if (holdsSomething(fields.get("history"))) {
            history(list(fields.get("history"), "history"), messages);
        }
        Optional<String> response = one(fields, RESPONSE, "response");
        if (response.isEmpty()) {
            throw new RowException(
                    "has no response: one of output, response, answer is needed; the row has " + fieldNames(fields));
        }
        String answer = text(fields, response.get());
        if (answer.isBlank()) {
            throw new RowException("has no response: '%s' is empty".formatted(response.get()));
        }
        messages.add(new ChatMessage(Role.USER, query(fields)));
        messages.add(new ChatMessage(Role.ASSISTANT, answer));
        return messages;
    }

    private static String query(ObjectNode fields) throws RowException {
        String query;
        if (fields.has("instruction")
                && one(fields, QUERY.subList(0, 4), "question").isEmpty()) {
            String instruction = optionalText(fields, "instruction");
            String input = optionalText(fields, "input");
            query = instruction.isEmpty() || input.isEmpty() ? instruction + input : instruction + "\n" + input;
        } else {
            String name = one(fields, QUERY, "question")
                    .orElseThrow(() -> new RowException(
                            "has no question: one of instruction, query, prompt, question is needed; the row has "
                                    + fieldNames(fields)));
            query = text(fields, name);
        }
        if (query.isBlank()) {
            throw new RowException("has no question: the text before the response is empty");
        }
        return query;
    }

    private static void history(JsonNode history, List<ChatMessage> into) throws RowException {
        for (JsonNode pair : history) {
            boolean texts = pair.isArray()
                    && pair.size() == 2
                    && pair.get(0).isTextual()
                    && pair.get(1).isTextual();
            if (!texts) {
                throw new RowException("history holds pairs of texts, [\"question\", \"answer\"]");
            }
            into.add(new ChatMessage(Role.USER, pair.get(0).textValue()));
            into.add(new ChatMessage(Role.ASSISTANT, pair.get(1).textValue()));
        }
    }

    // messages

    private static List<ChatMessage> messages(ObjectNode fields, String name) throws RowException {
        var messages = new ArrayList<ChatMessage>();
        for (JsonNode entry : list(fields.get(name), name)) {
            messages.add(message(entry, name, messages.size() + 1));
        }
        var turns = messages.isEmpty() || messages.getFirst().role() != Role.SYSTEM
                ? messages
                : messages.subList(1, messages.size());
        for (int i = 0; i < turns.size(); i++) {
            Role expected = i % 2 == 0 ? Role.USER : Role.ASSISTANT;
            if (turns.get(i).role() != expected) {
                throw new RowException("%s: user and assistant take turns, so number %d is the %s's, and it is the %s's"
                        .formatted(
                                name,
                                messages.size() - turns.size() + i + 1,
                                lower(expected),
                                lower(turns.get(i).role())));
            }
            if (expected == Role.ASSISTANT && turns.get(i).content().isBlank()) {
                throw new RowException("has no response: %s holds an empty answer".formatted(name));
            }
        }
        if (turns.isEmpty() || turns.size() % 2 == 1) {
            throw new RowException("has no response: %s ends without an answer of the assistant".formatted(name));
        }
        return messages;
    }

    private static ChatMessage message(JsonNode entry, String list, int number) throws RowException {
        JsonNode role = entry.has("role") ? entry.get("role") : entry.get("from");
        JsonNode content = entry.has("content") ? entry.get("content") : entry.get("value");
        if (role == null || content == null || !role.isTextual() || !content.isTextual()) {
            throw new RowException(
                    "%s: number %d needs role and content (or from and value), both text".formatted(list, number));
        }
        if (entry.has("loss")) {
            throw new RowException(
                    "%s: number %d has 'loss', which is not supported: every answer of the assistant is trained"
                            .formatted(list, number));
        }
        return new ChatMessage(
                switch (role.textValue().toLowerCase(Locale.ROOT)) {
                    case "system" -> Role.SYSTEM;
                    case "user", "human" -> Role.USER;
                    case "assistant", "gpt", "bot" -> Role.ASSISTANT;
                    default ->
                        throw new RowException(
                                "%s: number %d has another role than system, user (human) or assistant (gpt, bot)"
                                        .formatted(list, number));
                },
                content.textValue());
    }

    // fields

    /** The one of these fields that holds something; two of them are one too many. */
    private static Optional<String> one(ObjectNode fields, List<String> names, String what) throws RowException {
        List<String> present =
                names.stream().filter(name -> isGiven(fields.get(name))).toList();
        if (present.size() > 1) {
            List<String> filled = present.stream()
                    .filter(name -> holdsSomething(fields.get(name)))
                    .toList();
            if (filled.size() > 1) {
                throw new RowException("has more than one %s: %s; keep one".formatted(what, String.join(", ", filled)));
            }
            return Optional.of(filled.isEmpty() ? present.getFirst() : filled.getFirst());
        }
        return present.stream().findFirst();
    }

    private static String optionalText(ObjectNode fields, String name) throws RowException {
        return isGiven(fields.get(name)) ? text(fields, name) : "";
    }

    private static String text(ObjectNode fields, String name) throws RowException {
        JsonNode value = fields.get(name);
        if (!value.isTextual()) {
            throw new RowException("'%s' is text, and this is %s".formatted(name, kind(value)));
        }
        return value.textValue();
    }

    /** The array, also one written as text into a cell of a CSV file. */
    private static JsonNode list(JsonNode value, String name) throws RowException {
        JsonNode array = value;
        if (value.isTextual()) {
            try {
                array = JsonRows.MAPPER.readTree(value.textValue());
            } catch (JsonProcessingException e) {
                throw new RowException("'%s' is a list, and its text is not JSON".formatted(name));
            }
        }
        if (!array.isArray()) {
            throw new RowException("'%s' is a list, and this is %s".formatted(name, kind(array)));
        }
        return array;
    }

    private static boolean isGiven(JsonNode value) {
        return value != null && !value.isNull();
    }

    private static boolean holdsSomething(JsonNode value) {
        return isGiven(value)
                && !(value.isTextual() && value.textValue().isEmpty())
                && !(value.isContainerNode() && value.isEmpty());
    }

    private static String fieldNames(ObjectNode fields) {
        return fields.isEmpty()
                ? "no fields"
                : Root.shown(fields.propertyStream().map(Map.Entry::getKey).collect(Collectors.joining(", ")));
    }

    private static String lower(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT, POJO -> "an object";
            case STRING -> "text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL, MISSING -> "null";
            case BINARY -> "binary";
        };
    }
}
