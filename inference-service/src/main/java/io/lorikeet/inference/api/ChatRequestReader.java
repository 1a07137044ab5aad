package io.lorikeet.inference.api;

import static io.lorikeet.inference.api.CommonFields.broken;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads OpenAI's chat completion request. */
final class ChatRequestReader {
    private static final Set<String> MEMBERS = Set.of("role", "content", "name");
    private static final Set<String> ANSWER = Set.of("tool_calls", "reasoning_content");
    private static final Set<String> TOOL = Set.of("tool_call_id");

    record Fields(
            CommonFields common,

            @Setting(doc = "The conversation.", required = true)
            List<JsonNode> messages,

            @Setting(doc = "The newer name of max_tokens, which it goes before.", min = 1)
            Integer maxCompletionTokens,

            @Setting(doc = "Whether each token's log-probability comes with it.")
            Boolean logprobs,

            @Setting(doc = "And so many likely others'.", min = 0, max = SamplingParams.MAX_LOGPROBS)
            Integer topLogprobs,

            @Setting(doc = "What an answer has to be: text, a JSON object, or a document of a schema.")
            JsonNode responseFormat,

            @Setting(doc = "The functions that an answer may call.")
            List<JsonNode> tools,

            @Setting(doc = "Whether it calls: none, auto, required, or a function's name in an object.")
            JsonNode toolChoice,

            @Setting(doc = "Whether it may call several at once.")
            Boolean parallelToolCalls) {
        Fields {
            messages = List.copyOf(messages);
            tools = tools == null ? List.of() : List.copyOf(tools);
            if (messages.isEmpty()) {
                throw broken("messages", "is empty", "at least one message");
            }
            if (topLogprobs != null && topLogprobs > 0 && (logprobs == null || !logprobs)) {
                throw broken("top_logprobs", "is given without logprobs", "\"logprobs\": true beside it");
            }
        }

        OptionalInt likelyTokens() {
            if (logprobs == null || !logprobs) {
                return OptionalInt.empty();
            }
            return OptionalInt.of(topLogprobs == null ? 0 : topLogprobs);
        }
    }

    private final CompletionReader<Fields> reader;
    private final int maxModelLen;
    private final boolean callsTools;
    private final AnswerGrammars grammars = new AnswerGrammars();

    /**
     * @param defaults sampling where a request says nothing, as the model's makers recommend
     * @param maxModelLen tokens of prompt and answer
     * @param callsTools whether the model writes calls in the form that is known here
     */
    ChatRequestReader(GenerationConfig defaults, int maxModelLen, boolean callsTools) {
        this.reader = new CompletionReader<>("chat completion", Fields.class, NeutralParameters.ofChats(), defaults);
        this.maxModelLen = maxModelLen;
        this.callsTools = callsTools;
    }

    /**
     * Reads a body.
     *
     * @throws ContractException naming the parameters that are wrong
     */
    CompletionRequest read(byte[] body) {
        var object = reader.object(body);
        if (object.path("tool_choice").isTextual()) {
            String word = object.get("tool_choice").textValue();
            object.putObject("tool_choice").put("type", word);
        }
        var fields = reader.read(object);
        var common = fields.common();
        var limit = fields.maxCompletionTokens() != null ? fields.maxCompletionTokens() : common.maxTokens();
        var tools = ToolUse.read(fields.tools(), fields.toolChoice(), fields.parallelToolCalls());
        if (tools.isAllowed() && !callsTools) {
            throw broken(
                    "tools",
                    "is not supported with this model's chat template",
                    "one that lays calls out as Qwen2.5's");
        }
        var conversation = Conversation.of(messages(fields.messages())).withTools(tools.definitions());
        return reader.request(
                        common,
                        List.of(new Prompt.Chat(conversation)),
                        limit == null ? maxModelLen : limit,
                        fields.likelyTokens())
                .with(tools, grammars.of(fields.responseFormat(), tools));
    }

    private static List<ChatMessage> messages(List<JsonNode> array) {
        var messages = new ArrayList<ChatMessage>();
        for (int i = 0; i < array.size(); i++) {
            messages.add(message("messages[" + i + "]", array.get(i)));
        }
        return messages;
    }

    private static ChatMessage message(String at, JsonNode message) {
        var role =
                switch (message.path("role").asText()) {
                    case "system", "developer" -> Role.SYSTEM;
                    case "user" -> Role.USER;
                    case "assistant" -> Role.ASSISTANT;
                    case "tool" -> Role.TOOL;
                    default -> throw broken(at + ".role", "is none", "system, user, assistant or tool");
                };
        var further =
                switch (role) {
                    case SYSTEM, USER -> Set.<String>of();
                    case ASSISTANT -> ANSWER;
                    case TOOL -> TOOL;
                };
        message.properties().forEach(member -> {
            var value = member.getValue();
            boolean empty = value.isNull() || (value.isContainerNode() && value.isEmpty());
            if (!MEMBERS.contains(member.getKey()) && !further.contains(member.getKey()) && !empty) {
                throw broken(
                        at + "." + member.getKey(), "is not supported", "a " + role.chatml() + "'s role and content");
            }
        });
        var calls = calls(at + ".tool_calls", message.path("tool_calls"));
        var content = message.path("content");
        return new ChatMessage(
                role,
                (content.isNull() || content.isMissingNode()) && !calls.isEmpty()
                        ? ""
                        : content(at + ".content", content),
                text(message, "reasoning_content"),
                calls,
                text(message, "name"),
                text(message, "tool_call_id"));
    }

    private static Optional<String> text(JsonNode message, String member) {
        return Optional.ofNullable(message.path(member).textValue());
    }

    private static List<ToolCall> calls(String at, JsonNode array) {
        var calls = new ArrayList<ToolCall>();
        for (var call : array) {
            try {
                calls.add(ToolCall.read(call));
            } catch (IllegalArgumentException e) {
                throw broken(
                        at + "[" + calls.size() + "]",
                        "is no call (" + e.getMessage() + ")",
                        "{\"id\": …, \"type\": \"function\", \"function\": {\"name\": …, \"arguments\": …}}");
            }
        }
        return calls;
    }

    private static String content(String at, JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray()) {
            throw broken(at, "is no text", "a text, or an array of text parts");
        }
        var text = new StringBuilder();
        for (var part : content) {
            if (!"text".equals(part.path("type").asText()) || !part.path("text").isTextual()) {
                throw broken(at, "has a part that is no text", "parts {\"type\": \"text\", \"text\": …}");
            }
            text.append(part.get("text").textValue());
        }
        return text.toString();
    }
}
