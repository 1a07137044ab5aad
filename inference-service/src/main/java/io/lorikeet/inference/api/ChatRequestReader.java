package io.lorikeet.inference.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads OpenAI's chat completion request. What is unknown is refused, and so is what this service does not do: a parameter
 * without effect would be a lie.
 */
final class ChatRequestReader {
    private static final Set<String> KNOWN = Set.of(
            "model",
            "messages",
            "temperature",
            "top_p",
            "top_k",
            "max_tokens",
            "max_completion_tokens",
            "stop",
            "seed",
            "stream",
            "stream_options");

    /** Notes to the provider that change no answer. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key");

    /** Not done here, but clients send their neutral values; those pass. */
    private static final Map<String, Predicate<JsonNode>> NEUTRAL = Map.ofEntries(
            Map.entry("n", value -> value.asInt() == 1),
            Map.entry("logprobs", value -> value.isBoolean() && !value.booleanValue()),
            Map.entry("top_logprobs", value -> value.asInt(-1) == 0),
            Map.entry("presence_penalty", value -> value.asDouble(-1) == 0),
            Map.entry("frequency_penalty", value -> value.asDouble(-1) == 0),
            Map.entry("repetition_penalty", value -> value.asDouble(-1) == 1),
            Map.entry("min_p", value -> value.asDouble(-1) == 0),
            Map.entry("logit_bias", JsonNode::isEmpty),
            Map.entry("tools", JsonNode::isEmpty),
            Map.entry("tool_choice", value -> "none".equals(value.asText())),
            Map.entry(
                    "response_format", value -> "text".equals(value.path("type").asText())));

    private static final int MAX_STOPS = 16;

    private final ObjectMapper json;
    private final GenerationConfig defaults;
    private final int maxModelLen;

    /**
     * @param defaults sampling where a request says nothing, as the model's makers recommend
     * @param maxModelLen tokens of prompt and answer
     */
    ChatRequestReader(ObjectMapper json, GenerationConfig defaults, int maxModelLen) {
        this.json = json;
        this.defaults = defaults;
        this.maxModelLen = maxModelLen;
    }

    /**
     * Reads a body.
     *
     * @throws ApiException 400, naming the parameter
     */
    ChatRequest read(byte[] body) {
        var params = new Params(parse(body));
        refuseUnknown(params);
        var model = params.text("model")
                .orElseThrow(() -> ApiException.badValue("model", "model is missing; it names the base or an adapter"));
        var options = params.value("stream_options").map(Params::new);
        return new ChatRequest(
                model,
                messages(params),
                sampling(params),
                params.flag("stream"),
                options.map(o -> o.flag("include_usage")).orElse(false));
    }

    private JsonNode parse(byte[] body) {
        try {
            var node = json.readTree(body == null ? new byte[0] : body);
            if (!node.isObject()) {
                throw ApiException.refused("the body must be a JSON object, is " + node.getNodeType());
            }
            return node;
        } catch (JsonProcessingException e) {
            throw ApiException.refused("the body is not JSON: " + e.getOriginalMessage());
        } catch (java.io.IOException e) {
            throw ApiException.internal(e);
        }
    }

    private static void refuseUnknown(Params params) {
        params.object().properties().forEach(property -> {
            var name = property.getKey();
            var value = property.getValue();
            if (KNOWN.contains(name) || WITHOUT_EFFECT.contains(name) || value.isNull()) {
                return;
            }
            var neutral = NEUTRAL.get(name);
            if (neutral == null) {
                throw ApiException.unsupported(name, "there is no parameter " + name);
            }
            if (!neutral.test(value)) {
                throw ApiException.unsupported(name, name + " is not supported, and is " + value);
            }
        });
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

    private SamplingParams sampling(Params params) {
        var greedy = !defaults.doSample().orElse(true);
        var temperature = params.number("temperature", 0, 2)
                .orElse(greedy ? 0 : defaults.temperature().orElse(1.0));
        var topP = params.number("top_p", Double.MIN_VALUE, 1)
                .orElse(defaults.topP().orElse(1.0));
        var topK = params.integer("top_k", -1).orElse(defaults.topK().orElse(0));
        var limit = params.value("max_completion_tokens").isPresent() ? "max_completion_tokens" : "max_tokens";
        return new SamplingParams(
                temperature,
                topP,
                Math.max(topK, 0),
                params.integer(limit, 1).orElse(maxModelLen),
                stop(params),
                params.longInteger("seed"));
    }

    private static List<String> stop(Params params) {
        var value = params.value("stop").orElse(null);
        if (value == null) {
            return List.of();
        }
        var expected = "a string, or up to " + MAX_STOPS + " strings, none empty";
        var found = value.isArray() ? value : null;
        if (found == null) {
            if (!value.isTextual() || value.textValue().isEmpty()) {
                throw Params.wrong("stop", value, expected);
            }
            return List.of(value.textValue());
        }
        var stops = new ArrayList<String>();
        for (var one : found) {
            if (!one.isTextual() || one.textValue().isEmpty() || stops.size() == MAX_STOPS) {
                throw Params.wrong("stop", value, expected);
            }
            stops.add(one.textValue());
        }
        return stops;
    }
}
