package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.ToolCall;
import io.lorikeet.trainer.dataset.Fields.Field;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a list of messages: {@code role}/{@code content}, {@code from}/{@code value}, or pairs as {@code human}/{@code
 * assistant}; contents as text or as parts of text; calls of tools in {@code tool_calls} or as turns of their own. Marks of
 * what is learned are honoured at answers.
 */
final class Messages {
    private static final Columns AS_WRITTEN = new Columns(Map.of());
    private static final List<String> USER = List.of("user", "human");
    private static final List<String> ASSISTANT = List.of("assistant", "gpt", "bot");
    /** A token that counts more than this is a mistake: one such row would outweigh all others. */
    private static final double MOST_WEIGHT = 100;

    private static final Set<String> CALLS = Set.of("tool_call", "function_call");
    /** Marks of a message, and whether a true one says that it is learned. */
    private static final Map<String, Boolean> MARKS = Map.of(
            "weight",
            true,
            "loss",
            true,
            "loss_scale",
            true,
            "loss_mask",
            true,
            "train",
            true,
            "training",
            true,
            "masked",
            false);

    private final String list;
    private final LeftOver leftOver;
    private final List<Turn> turns = new ArrayList<>();
    private final Set<String> unread = new HashSet<>();
    private int number;

    private Messages(String list, LeftOver leftOver) {
        this.list = list;
        this.leftOver = leftOver;
    }

    /**
     * The messages of a list, nothing about their order being held against them.
     *
     * @param leftOver refuses what could change what is learned
     * @param unread receives the names of keys that say nothing to training
     */
    static List<Turn> read(String list, JsonNode entries, LeftOver leftOver, Set<String> unread) throws RowException {
        var messages = new Messages(list, leftOver);
        for (JsonNode entry : entries) {
            messages.number++;
            messages.read(entry);
        }
        messages.unread.forEach(key -> unread.add("%s[].%s".formatted(list, key)));
        return messages.turns;
    }

    /** Whether this is a list of messages and no list of anything else. */
    static boolean isList(JsonNode value) {
        return value.isArray()
                && !value.isEmpty()
                && value.get(0).isObject()
                && (value.get(0).has("role") || value.get(0).has("from"));
    }

    private void read(JsonNode entry) throws RowException {
        if (!(entry instanceof ObjectNode json)) {
            throw wrong("needs role and content (or from and value), both text");
        }
        Fields fields = Fields.of(json, AS_WRITTEN);
        if (Stream.of("role", "from", "content", "value")
                .allMatch(name -> fields.peek(name).isEmpty())) {
            readPair(fields);
        } else {
            readMessage(fields);
        }
        for (Field left : fields.left().values()) {
            try {
                leftOver.refuse(left);
            } catch (RowException e) {
                throw wrong(e);
            }
            unread.add(left.name());
        }
    }

    /** A question and its answer in one entry, as ShareGPT's older form has them. */
    private void readPair(Fields fields) throws RowException {
        List<Field> question = fields.takeAll(USER);
        List<Field> answer = fields.takeAll(ASSISTANT);
        if (question.size() != 1 || answer.size() != 1) {
            throw wrong("needs role and content (or from and value), both text");
        }
        turns.add(Turn.of(Role.USER, question.getFirst().text()));
        turns.add(new Turn(ChatMessage.assistant(answer.getFirst().text()), mark(fields)));
    }

    private void readMessage(Fields fields) throws RowException {
        Optional<Field> roleField = either(fields, "role", "from");
        if (roleField.isEmpty() || !roleField.get().value().isTextual()) {
            throw wrong("needs role and content (or from and value), both text");
        }
        String name = Fields.normal(roleField.get().text()).replace('-', '_');
        if (CALLS.contains(name)) {
            readCall(fields);
            return;
        }
        Role role = role(name);
        List<ToolCall> calls = calls(fields);
        Optional<Field> thought = fields.take("reasoning_content");
        Optional<Field> content = either(fields, "content", "value");
        String text = content.isPresent() ? text(content.get()) : "";
        OptionalDouble weight = mark(fields);
        if (role != Role.ASSISTANT) {
            if (thought.isPresent()) {
                throw wrong("has reasoning_content, which only an answer has");
            }
            if (!calls.isEmpty()) {
                throw wrong("has tool_calls, which only an answer has");
            }
            if (weight.orElse(0) != 0) {
                throw wrong("is marked to be learned, and only the assistant's answers are");
            }
        } else if (thought.isPresent()) {
            if (text.isBlank() && calls.isEmpty()) {
                throw wrong("has reasoning_content and no answer after it");
            }
            text = withThought(thought.get().text(), text);
        }
        Optional<String> speaker =
                role == Role.TOOL ? fields.take("name").map(Field::value).map(JsonNode::textValue) : Optional.empty();
        Optional<String> call = role == Role.TOOL
                ? fields.take("tool_call_id").map(Field::value).map(JsonNode::textValue)
                : Optional.empty();
        turns.add(new Turn(new ChatMessage(role, text, Optional.empty(), calls, speaker, call), weight));
    }

    /** A turn that only calls, as swift and ShareGPT have it. What the assistant says just before, and calls before, are one turn with it. */
    private void readCall(Fields fields) throws RowException {
        Field content = either(fields, "content", "value").orElseThrow(() -> wrong("calls no tool"));
        List<ToolCall> calls = new ArrayList<>(calls(content));
        OptionalDouble weight = mark(fields);
        String said = "";
        if (!turns.isEmpty() && turns.getLast().isAnswer()) {
            Turn before = turns.removeLast();
            if (!before.weight().equals(weight)) {
                throw wrong("is a call that is marked otherwise than what the assistant says just before it");
            }
            said = before.message().content();
            calls.addAll(0, before.message().toolCalls());
        }
        turns.add(new Turn(ChatMessage.assistant(said, calls), weight));
    }

    private static Optional<Field> either(Fields fields, String name, String alias) {
        return fields.take(name).or(() -> fields.take(alias));
    }

    /** OpenAI's {@code tool_calls}, or its older {@code function_call}. */
    private List<ToolCall> calls(Fields fields) throws RowException {
        Optional<Field> calls = either(fields, "tool_calls", "function_call");
        return calls.isPresent() ? calls(calls.get()) : List.of();
    }

    private List<ToolCall> calls(Field field) throws RowException {
        try {
            return Tools.calls(field);
        } catch (RowException e) {
            throw wrong(e);
        }
    }

    private Role role(String name) throws RowException {
        return switch (name) {
            case "system", "developer" -> Role.SYSTEM;
            case "user", "human" -> Role.USER;
            case "assistant", "gpt", "bot" -> Role.ASSISTANT;
            case "tool", "tool_response", "function", "function_response", "observation", "observations" -> Role.TOOL;
            default ->
                throw wrong("has another role than system, user (human), assistant (gpt, bot), tool_call and tool");
        };
    }

    private String text(Field content) throws RowException {
        if (content.value().isTextual()) {
            return content.value().textValue();
        }
        if (!content.value().isArray()) {
            throw wrong("has a %s that is neither text nor a list of parts {\"type\": \"text\", \"text\": …}"
                    .formatted(content.name()));
        }
        var text = new StringBuilder();
        for (JsonNode part : content.value()) {
            if (!part.path("type").asText().equals("text") || !part.path("text").isTextual() || part.size() > 2) {
                throw wrong("has a part that is not {\"type\": \"text\", \"text\": …}, and rows are text");
            }
            text.append(part.get("text").textValue());
        }
        return text.toString();
    }

    /** How much the message itself says that it counts: true is 1, false 0. */
    private OptionalDouble mark(Fields fields) throws RowException {
        OptionalDouble weight = OptionalDouble.empty();
        for (var mark : MARKS.entrySet()) {
            Optional<Field> field = fields.take(mark.getKey());
            if (field.isEmpty()) {
                continue;
            }
            double says = mark.getValue() ? weight(field.get()) : 1 - flag(field.get());
            if (weight.isPresent() && weight.getAsDouble() != says) {
                throw wrong("is marked twice, and the marks differ");
            }
            weight = OptionalDouble.of(says);
        }
        return weight;
    }

    private double weight(Field mark) throws RowException {
        JsonNode value = mark.value();
        if (value.isNumber() && value.doubleValue() >= 0 && value.doubleValue() <= MOST_WEIGHT) {
            return value.doubleValue();
        }
        if (value.isBoolean()) {
            return value.booleanValue() ? 1 : 0;
        }
        throw wrong("has a '%s' that is neither true, false nor a number from 0 (not learned) to %.0f"
                .formatted(mark.name(), MOST_WEIGHT));
    }

    private double flag(Field mark) throws RowException {
        double flag = weight(mark);
        if (flag != 0 && flag != 1) {
            throw wrong("has a '%s' that is neither true nor false".formatted(mark.name()));
        }
        return flag;
    }

    /** An answer with the thought before it, as Qwen3's template lays it out. */
    static String withThought(String thought, String answer) throws RowException {
        if (answer.stripLeading().startsWith("<think>")) {
            throw new RowException("has reasoning_content and a <think> in the answer; keep one");
        }
        return "<think>\n%s\n</think>\n\n%s".formatted(thought.strip(), answer.stripLeading());
    }

    private RowException wrong(String what) {
        return new RowException("%s: number %d %s".formatted(list, number, what));
    }

    private RowException wrong(RowException cause) {
        var wrong = new RowException("%s: number %d: %s".formatted(list, number, cause.getMessage()));
        wrong.initCause(cause);
        return wrong;
    }
}
