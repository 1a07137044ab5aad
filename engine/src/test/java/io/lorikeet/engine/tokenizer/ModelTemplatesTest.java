package io.lorikeet.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lorikeet.engine.jinja.TemplateException;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models' own templates against what transformers renders of them: resources/templates/renderings.json. */
class ModelTemplatesTest {
    private static final JsonNode FILE = file();
    private static final Map<String, Qwen2Tokenizer> OPEN = new ConcurrentHashMap<>();

    static Stream<Arguments> renderings() {
        return FILE.path("renderings").properties().stream().flatMap(model -> model.getValue().properties().stream()
                .map(one -> Arguments.of(model.getKey(), one.getKey(), one.getValue())));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("renderings")
    void laysAConversationOutAsTransformersDoes(String model, String name, JsonNode expected) {
        JsonNode given = FILE.path("conversations").path(name);
        Conversation conversation = conversation(given);
        ChatTemplate template = tokenizer(model).chatTemplate();

        if (expected.has("error")) {
            assertThatThrownBy(() -> template.prompt(conversation))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining(expected.get("error").textValue().substring("TemplateError: ".length()));
        } else {
            boolean generation = given.get("generation").booleanValue();
            assertThat(generation ? template.prompt(conversation) : template.conversation(conversation))
                    .isEqualTo(expected.get("rendered").textValue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2_5", "qwen3", "llama3_2", "mistral_nemo"})
    void takesNoTextFromOutsideForAControlToken(String model) {
        Qwen2Tokenizer tokenizer = tokenizer(model);
        ChatTemplate template = tokenizer.chatTemplate();
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            Conversation attack = conversation(random, tokenizer, true);
            int[] ids = template.encodePrompt(attack);

            assertThat(tokenizer.decode(ids)).isEqualTo(template.prompt(attack));
            assertThat(special(tokenizer, ids))
                    .as(template.prompt(attack))
                    .isEqualTo(special(tokenizer, template.encodePrompt(harmless(attack))));
        }
    }

    /** What is learned is what follows the prompt, to the end of the turn; that is, what the model would have to say. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen2_5", "qwen3", "llama3_2", "mistral_nemo"})
    void learnsWhatWouldHaveToBeGenerated(String model) {
        Qwen2Tokenizer tokenizer = tokenizer(model);
        ChatTemplate template = tokenizer.chatTemplate();
        Random random = new Random(8);
        for (int i = 0; i < 20; i++) {
            List<ChatMessage> messages =
                    new ArrayList<>(conversation(random, tokenizer, false).messages());
            messages.add(ChatMessage.assistant("\nYes " + i));
            EncodedConversation encoded =
                    template.encodeConversation(Conversation.of(messages), turn -> turn == messages.size() - 1);

            int[] prompt = template.encodePrompt(messages.subList(0, messages.size() - 1));
            int[] ids = encoded.inputIds();
            int[] labels = encoded.labels();
            int learned = (int) Arrays.stream(labels)
                    .filter(label -> label != ChatTemplate.IGNORED_LABEL)
                    .count();
            assertThat(Arrays.copyOfRange(labels, labels.length - learned, labels.length))
                    .isEqualTo(Arrays.copyOfRange(ids, labels.length - learned, labels.length));
            boolean systemMoves =
                    model.equals("mistral_nemo") && messages.getFirst().role() == Role.SYSTEM;
            if (!systemMoves) {
                assertThat(Arrays.copyOf(ids, ids.length - learned)).isEqualTo(prompt);
            }
        }
    }

    private static Conversation conversation(Random random, Qwen2Tokenizer tokenizer, boolean attack) {
        List<ChatMessage> messages = new ArrayList<>();
        if (random.nextBoolean()) {
            messages.add(ChatMessage.system(text(random, tokenizer, attack)));
        }
        for (int turns = random.nextInt(3); turns > 0; turns--) {
            messages.add(ChatMessage.user(text(random, tokenizer, attack)));
            messages.add(ChatMessage.assistant(text(random, tokenizer, attack)));
        }
        messages.add(ChatMessage.user(text(random, tokenizer, attack)));
        JsonNode tool =
                FILE.path("conversations").path("tools").path("tools").get(0).deepCopy();
        ((ObjectNode) tool.get("function")).set("description", TextNode.valueOf(text(random, tokenizer, attack)));
        Conversation plain = Conversation.of(messages);
        return attack && random.nextBoolean() ? plain.withTools(List.of(tool)) : plain;
    }

    private static Conversation harmless(Conversation attack) {
        return Conversation.of(IntStream.range(0, attack.messages().size())
                        .mapToObj(i -> attack.messages().get(i).withContent("x" + i))
                        .toList())
                .withTools(
                        attack.tools().isEmpty()
                                ? List.of()
                                : List.of(FILE.path("conversations")
                                        .path("tools")
                                        .path("tools")
                                        .get(0)));
    }

    /** Pieces of the model's own control tokens, whole and in parts, around a number that makes each text another. */
    private static String text(Random random, Qwen2Tokenizer tokenizer, boolean attack) {
        return pieces(random, tokenizer, attack) + random.nextInt(1_000_000) + pieces(random, tokenizer, attack);
    }

    private static String pieces(Random random, Qwen2Tokenizer tokenizer, boolean attack) {
        StringBuilder out = new StringBuilder();
        List<String> controls = tokenizer.specialTokens();
        for (int i = random.nextInt(4); i > 0; i--) {
            String control = controls.get(random.nextInt(controls.size()));
            switch (attack ? random.nextInt(4) : 0) {
                case 0 -> out.append("hello ");
                case 1 -> out.append(control);
                case 2 -> out.append(control, 0, random.nextInt(control.length()));
                default -> out.append(control, random.nextInt(control.length()), control.length());
            }
        }
        return out.toString();
    }

    private static List<Integer> special(Qwen2Tokenizer tokenizer, int[] ids) {
        return Arrays.stream(ids).filter(tokenizer::isSpecial).boxed().toList();
    }

    private static Qwen2Tokenizer tokenizer(String model) {
        return OPEN.computeIfAbsent(
                model,
                name -> name.equals("qwen2_5")
                        ? Qwen25.tokenizer()
                        : Qwen2Tokenizer.open(ModelTemplates.directory(name)));
    }

    private static Conversation conversation(JsonNode json) {
        List<ChatMessage> messages = new ArrayList<>();
        json.path("messages").forEach(message -> messages.add(message(message)));
        List<JsonNode> tools = new ArrayList<>();
        json.path("tools").forEach(tools::add);
        Map<String, JsonNode> arguments = new HashMap<>();
        arguments.put("date_string", TextNode.valueOf("01 Nov 2026"));
        json.path("arguments").properties().forEach(argument -> arguments.put(argument.getKey(), argument.getValue()));
        return Conversation.of(messages).withTools(tools).withArguments(arguments);
    }

    private static ChatMessage message(JsonNode json) {
        List<ToolCall> calls = new ArrayList<>();
        json.path("tool_calls").forEach(call -> calls.add(ToolCall.read(call)));
        return new ChatMessage(
                Role.valueOf(json.path("role").textValue().toUpperCase(Locale.ROOT)),
                json.path("content").textValue(),
                Optional.empty(),
                calls,
                Optional.ofNullable(json.path("name").textValue()),
                Optional.empty());
    }

    private static JsonNode file() {
        try (InputStream json = ModelTemplatesTest.class.getResourceAsStream("/templates/renderings.json")) {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
