package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.trainer.dataset.Fields.Field;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The forms in which rows come, each turned into a {@link DatasetRow}:
 *
 * <ul>
 *   <li>{@code instruction}, {@code input}, {@code output} (joined {@code instruction\ninput} when both are there)
 *   <li>{@code query}, {@code response} and their usual aliases, {@code history} as pairs of texts
 *   <li>{@code messages} or {@code conversations}, see {@link Messages}
 *   <li>{@code prompt} and {@code completion} as lists of messages, of which the completion is learned
 * </ul>
 *
 * each with an optional {@code system} and optional {@code tools}. Names are read without regard to case. Every key is honoured, or says again what
 * another one says, or is accounted for in {@link LeftOver}.
 */
final class RowForms {
    private static final List<String> MESSAGES = List.of("messages", "conversations", "conversation");
    private static final List<String> SYSTEM = List.of("system", "system_prompt");
    private static final List<String> PLAIN_QUERY = List.of("query", "prompt", "question", "problem");
    private static final List<String> ALPACA = List.of("instruction", "input");
    private static final List<String> RESPONSE = List.of(
            "response",
            "output",
            "answer",
            "completion",
            "target",
            "targets",
            "solution",
            "answers",
            "answer_key",
            "text",
            "content");
    private static final List<String> TOOLS = List.of("tools", "functions");
    private static final String HISTORY = "history";
    private static final String REASONING = "reasoning_content";

    /** Every name that a key of a row may have and is read by. */
    static final List<String> NAMES = Stream.of(
                    MESSAGES, SYSTEM, PLAIN_QUERY, ALPACA, RESPONSE, TOOLS, List.of(HISTORY, REASONING))
            .flatMap(List::stream)
            .toList();

    private static final Set<String> SAID = Set.copyOf(NAMES);

    private final Fields fields;
    private final LeftOver leftOver;
    private final Set<String> unread = new LinkedHashSet<>();

    private RowForms(Fields fields, LeftOver leftOver) {
        this.fields = fields;
        this.leftOver = leftOver;
    }

    /**
     * Reads a row.
     *
     * @param leftOver counts the keys of the row that say nothing to training
     */
    static DatasetRow conversation(RowSource source, ObjectNode row, Columns columns, LeftOver leftOver)
            throws RowException {
        var form = new RowForms(Fields.of(row, columns), leftOver);
        Optional<Field> tools = form.one(TOOLS, "list of tools");
        List<Turn> turns = form.turns();
        leftOver.count(form.unread);
        return new DatasetRow(source, turns, tools.isPresent() ? Tools.definitions(tools.get()) : List.of());
    }

    private List<Turn> turns() throws RowException {
        for (var field : fields.left().entrySet()) {
            if (!SAID.contains(field.getKey())) {
                leftOver.refuse(field.getValue());
            }
        }
        Optional<Field> system = one(SYSTEM, "system prompt");
        Optional<Field> list = one(MESSAGES, "conversation");
        List<Turn> turns;
        if (list.isPresent()) {
            turns = Messages.read(list.get().name(), list.get().list(), leftOver, unread);
            checkOrder(turns, list.get().name());
        } else if (fields.peek("prompt")
                .filter(prompt -> Messages.isList(prompt.value()))
                .isPresent()) {
            turns = promptAndCompletion();
        } else {
            turns = queryAndResponse();
        }
        if (turns.stream().noneMatch(Turn::teaches)) {
            throw new RowException("has nothing to learn: each of its answers is marked not to be learned");
        }
        if (system.isPresent()) {
            addSystem(system.get(), turns);
        }
        settle(turns);
        return turns;
    }

    /** The row's system prompt before its turns, unless it stands there already. */
    private static void addSystem(Field system, List<Turn> turns) throws RowException {
        var turn = Turn.of(Role.SYSTEM, system.text());
        if (turns.getFirst().message().role() != Role.SYSTEM) {
            turns.addFirst(turn);
        } else if (!system.text().isEmpty() && !turns.getFirst().equals(turn)) {
            throw new RowException("has two system prompts, '%s' and the first message, and they differ; keep one"
                    .formatted(system.name()));
        }
    }

    /** What nobody has read says again what was read, or nothing to training. */
    private void settle(List<Turn> turns) throws RowException {
        for (var left : fields.left().entrySet()) {
            Field field = left.getValue();
            if (SAID.contains(left.getKey()) && !repeats(field, turns)) {
                throw new RowException(
                        "has '%s' beside the conversation, which says something else; leave one out, with columns or in the data"
                                .formatted(field.name()));
            }
            unread.add(field.name());
        }
    }

    /** Whether a text stands in one of the turns, or holds them all. */
    private static boolean repeats(Field field, List<Turn> turns) {
        if (!field.value().isTextual()) {
            return false;
        }
        String text = field.value().textValue().strip();
        return turns.stream().anyMatch(turn -> turn.message().content().contains(text))
                || turns.stream()
                        .allMatch(turn -> text.contains(turn.message().content().strip()));
    }

    // query and response

    private List<Turn> queryAndResponse() throws RowException {
        var turns = new ArrayList<Turn>();
        Optional<Field> history = fields.take(HISTORY);
        if (history.isPresent()) {
            readHistory(history.get().list(), turns);
        }
        List<Field> responses = fields.takeAll(RESPONSE);
        if (responses.isEmpty()) {
            throw new RowException(
                    "has no response: one of output, response, answer is needed; the row has " + fields.names());
        }
        String query = query();
        Field response = response(responses, query);
        String answer = single(response);
        if (answer.isBlank()) {
            throw new RowException("has no response: '%s' is empty".formatted(response.name()));
        }
        Optional<Field> thought = fields.take(REASONING);
        turns.add(Turn.of(Role.USER, query));
        turns.add(Turn.of(
                Role.ASSISTANT,
                thought.isPresent() ? Messages.withThought(thought.get().text(), answer) : answer));
        return turns;
    }

    private String query() throws RowException {
        List<Field> plain = fields.takeAll(PLAIN_QUERY);
        List<Field> alpaca = fields.takeAll(ALPACA);
        var candidates = new ArrayList<String>();
        for (Field field : plain) {
            candidates.add(field.text());
        }
        if (!alpaca.isEmpty()) {
            var parts = new ArrayList<String>();
            for (Field field : alpaca) {
                parts.add(field.text());
            }
            candidates.add(String.join("\n", parts));
        }
        if (candidates.isEmpty()) {
            throw new RowException(
                    "has no question: one of instruction, query, prompt, question is needed; the row has "
                            + fields.names());
        }
        if (candidates.stream().distinct().count() > 1) {
            throw tooMany(
                    "question", Stream.concat(plain.stream(), alpaca.stream()).toList());
        }
        if (candidates.getFirst().isBlank()) {
            throw new RowException("has no question: the text before the response is empty");
        }
        return candidates.getFirst();
    }

    /** The one that the others say again: as they are, or in a text that holds the question, too. */
    private static Field response(List<Field> responses, String query) throws RowException {
        if (responses.size() == 1) {
            return responses.getFirst();
        }
        for (Field response : responses) {
            String text = response.text();
            boolean saidAgain = true;
            for (Field other : responses) {
                String more = other.text();
                saidAgain &= more.equals(text) || holds(more, query, text);
            }
            if (saidAgain) {
                return response;
            }
        }
        throw tooMany("response", responses);
    }

    /** Whether a text is a rendering of question and answer: it holds the lines of both. */
    private static boolean holds(String text, String query, String answer) {
        return text.contains(answer.strip()) && query.lines().map(String::strip).allMatch(text::contains);
    }

    private static String single(Field response) throws RowException {
        JsonNode value = response.value();
        if (value.isArray() && value.size() == 1 && value.get(0).isTextual()) {
            return value.get(0).textValue();
        }
        return response.text();
    }

    private static void readHistory(JsonNode history, List<Turn> into) throws RowException {
        for (JsonNode pair : history) {
            boolean texts = pair.isArray()
                    && pair.size() == 2
                    && pair.get(0).isTextual()
                    && pair.get(1).isTextual();
            if (!texts) {
                throw new RowException("history holds pairs of texts, [\"question\", \"answer\"], and this is %s"
                        .formatted(Fields.kind(pair)));
            }
            into.add(Turn.of(Role.USER, pair.get(0).textValue()));
            into.add(Turn.of(Role.ASSISTANT, pair.get(1).textValue()));
        }
    }

    // messages

    private List<Turn> promptAndCompletion() throws RowException {
        Field prompt = fields.take("prompt").orElseThrow();
        Field completion = fields.take("completion")
                .orElseThrow(() -> new RowException(
                        "has no response: a prompt of messages needs a completion; the row has " + fields.names()));
        var turns = new ArrayList<Turn>();
        for (Turn turn : Messages.read(prompt.name(), prompt.value(), leftOver, unread)) {
            turns.add(turn.asContext());
        }
        if (completion.value().isTextual()) {
            turns.add(Turn.of(Role.ASSISTANT, completion.text()));
        } else {
            turns.addAll(Messages.read(completion.name(), completion.list(), leftOver, unread));
        }
        checkOrder(turns, completion.name());
        return turns;
    }

    /** Turns come as the template lays them out, whoever speaks; but an answer is the last, and none is empty. */
    private static void checkOrder(List<Turn> turns, String name) throws RowException {
        if (turns.isEmpty() || !turns.getLast().isAnswer()) {
            throw new RowException("has no response: %s ends without an answer of the assistant".formatted(name));
        }
        for (Turn turn : turns) {
            ChatMessage message = turn.message();
            if (turn.isAnswer()
                    && message.content().isBlank()
                    && message.toolCalls().isEmpty()) {
                throw new RowException("has no response: %s holds an empty answer".formatted(name));
            }
        }
        if (turns.stream().noneMatch(turn -> turn.message().role() == Role.USER)) {
            // an answer to nothing, laid out after an empty question as swift lays it out
            turns.add(turns.getFirst().message().role() == Role.SYSTEM ? 1 : 0, Turn.of(Role.USER, ""));
        }
    }

    // fields

    /** The one of these fields that is there; two of them that differ are one too many. */
    private Optional<Field> one(List<String> names, String what) throws RowException {
        List<Field> all = fields.takeAll(names);
        List<Field> filled = all.stream()
                .filter(field -> Fields.holdsSomething(field.value()))
                .toList();
        List<Field> present = filled.isEmpty() ? all : filled;
        if (present.stream().map(Field::value).distinct().count() > 1) {
            throw tooMany(what, present);
        }
        return present.stream().findFirst();
    }

    private static RowException tooMany(String what, List<Field> fields) {
        return new RowException("has more than one %s: %s; keep one, in the data or with columns"
                .formatted(
                        what, String.join(", ", fields.stream().map(Field::name).toList())));
    }
}
