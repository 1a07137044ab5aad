package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/** Reads OpenAI's chat completion request. */
final class ChatRequestReader {
    private static final Set<String> OWN = Set.of("messages", "max_completion_tokens", "logprobs", "top_logprobs");

    /** Not done here, but clients send their neutral values; those pass. */
    private static final Map<String, Predicate<JsonNode>> NEUTRAL = Map.of(
            "logit_bias", JsonNode::isEmpty,
            "tools", JsonNode::isEmpty,
            "tool_choice", value -> "none".equals(value.asText()),
            "parallel_tool_calls", JsonNode::isBoolean,
            "response_format", value -> "text".equals(value.path("type").asText()));

    private final CompletionParams common;
    private final int maxModelLen;

    /**
     * @param defaults sampling where a request says nothing, as the model's makers recommend
     * @param maxModelLen tokens of prompt and answer
     */
    ChatRequestReader(ObjectMapper json, GenerationConfig defaults, int maxModelLen) {
        this.common = new CompletionParams(json, defaults, OWN, NEUTRAL);
        this.maxModelLen = maxModelLen;
    }

    /**
     * Reads a body.
     *
     * @throws ApiException 400, naming the parameter
     */
    CompletionRequest read(byte[] body) {
        var params = common.parse(body);
        var limit = params.value("max_completion_tokens").isPresent() ? "max_completion_tokens" : "max_tokens";
        return common.request(
                params,
                List.of(new Prompt.Chat(messages(params))),
                params.integer(limit, 1).orElse(maxModelLen),
                logprobs(params));
    }

    private static OptionalInt logprobs(Params params) {
        var named = params.integer("top_logprobs", 0);
        if (named.orElse(0) > SamplingParams.MAX_LOGPROBS) {
            throw ApiException.badValue(
                    "top_logprobs", "top_logprobs must be at most " + SamplingParams.MAX_LOGPROBS + ", is " + named);
        }
        if (params.flag("logprobs")) {
            return OptionalInt.of(named.orElse(0));
        }
        if (named.orElse(0) > 0) {
            throw ApiException.badValue("top_logprobs", "top_logprobs needs logprobs to be true");
        }
        return OptionalInt.empty();
    }

    private static List<ChatMessage> messages(Params params) {
        var array =
                params.value("messages").orElseThrow(() -> ApiException.badValue("messages", "messages is missing"));
        if (!array.isArray() || array.isEmpty()) {
            throw ApiException.badValue("messages", "messages must be an array of at least one message");
        }
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
                    default -> throw Params.wrong(at + ".role", message.path("role"), "system, user or assistant");
                };
        return new ChatMessage(role, content(at + ".content", message.path("content")));
    }

    private static String content(String at, JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray()) {
            throw Params.wrong(at, content, "a string or an array of text parts");
        }
        var text = new StringBuilder();
        for (var part : content) {
            if (!"text".equals(part.path("type").asText()) || !part.path("text").isTextual()) {
                throw Params.wrong(at, part, "made of parts {\"type\": \"text\", \"text\": …}");
            }
            text.append(part.get("text").textValue());
        }
        return text.toString();
    }
}
