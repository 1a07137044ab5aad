package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.trainer.dataset.Fields.Field;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads a list of messages: {@code role}/{@code content}, {@code from}/{@code value}, or pairs as {@code human}/{@code
 * assistant}; contents as text or as parts of text. Marks of what is learned are honoured at answers.
 */
final class Messages {
    private static final Columns AS_WRITTEN = new Columns(Map.of());
    private static final List<String> USER = List.of("user", "human");
    private static final List<String> ASSISTANT = List.of("assistant", "gpt", "bot");
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
        Role role = role(roleField.get().text());
        refuseTools(fields);
        Optional<Field> thought = fields.take("reasoning_content");
        Optional<Field> content = either(fields, "content", "value");
        String text = content.isPresent() ? text(content.get()) : "";
        Optional<Boolean> learned = mark(fields);
        if (role != Role.ASSISTANT) {
            if (thought.isPresent()) {
                throw wrong("has reasoning_content, which only an answer has");
            }
            if (learned.orElse(false)) {
                throw wrong("is marked to be learned, and only the assistant's answers are");
            }
        } else if (thought.isPresent()) {
            if (text.isBlank()) {
                throw wrong("has reasoning_content and no answer after it");
            }
            text = withThought(thought.get().text(), text);
        }
        turns.add(new Turn(new ChatMessage(role, text), learned));
    }

    private static Optional<Field> either(Fields fields, String name, String alias) {
        return fields.take(name).or(() -> fields.take(alias));
    }

    private void refuseTools(Fields fields) throws RowException {
        for (String name : List.of("tool_calls", "function_call")) {
            if (fields.peek(name).isPresent()) {
                throw wrong("has '%s', and rows with tools are not trained yet".formatted(name));
            }
        }
    }

    private Role role(String name) throws RowException {
        return switch (Fields.normal(name).replace('-', '_')) {
            case "system", "developer" -> Role.SYSTEM;
            case "user", "human" -> Role.USER;
            case "assistant", "gpt", "bot" -> Role.ASSISTANT;
            case "tool",
                    "tool_call",
                    "tool_response",
                    "function",
                    "function_call",
                    "function_response",
                    "observation",
                    "observations" -> throw wrong("has the role of a tool, and rows with tools are not trained yet");
            default -> throw wrong("has another role than system, user (human) or assistant (gpt, bot)");
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

    /** What the message itself says of being learned: 1 and true, or 0 and false. */
    private Optional<Boolean> mark(Fields fields) throws RowException {
        Optional<Boolean> learned = Optional.empty();
        for (var mark : MARKS.entrySet()) {
            Optional<Field> field = fields.take(mark.getKey());
            if (field.isEmpty()) {
                continue;
            }
            boolean says = flag(field.get()) == mark.getValue();
            if (learned.isPresent() && learned.get() != says) {
                throw wrong("is marked twice, to be learned and not to be learned");
            }
            learned = Optional.of(says);
        }
        return learned;
    }

    private boolean flag(Field mark) throws RowException {
        JsonNode value = mark.value();
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isNumber() && (value.doubleValue() == 0 || value.doubleValue() == 1)) {
            return value.doubleValue() == 1;
        }
        throw wrong("has a '%s' that is neither 1 (learned) nor 0 (not learned); weights between are not trained"
                .formatted(mark.name()));
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
