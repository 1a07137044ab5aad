package io.lorikeet.gateway.responses;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.http.JsonBody;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A request for a response, and the chat completion that it comes to.
 *
 * @param asked the request
 * @param chat the same for the chat route
 * @param stream whether the answer comes as events
 */
record ResponsesRequest(ObjectNode asked, ObjectNode chat, boolean stream) {
    private static final String SUBJECT = "response";
    private static final String LOGPROBS = "message.output_text.logprobs";
    private static final String FORMAT = "text.format";

    /** Thoughts that are kept nowhere need no key either. */
    private static final Set<String> INCLUDED = Set.of(LOGPROBS, "reasoning.encrypted_content");

    private static final RecordShape<Fields> SHAPE = RecordShape.of(Fields.class);

    /** Read by hand: values of several types. */
    private static final Set<String> OPEN = Set.of("input", "text", "tool_choice", "include");

    /** What changes no answer at these values, and is refused by name at others. */
    private static final Map<String, Neutral> NEUTRAL = Map.ofEntries(
            entry("user", Neutral.anything()),
            entry("store", Neutral.anything()),
            entry("service_tier", Neutral.anything()),
            entry("safety_identifier", Neutral.anything()),
            entry("prompt_cache_key", Neutral.anything()),
            entry("prompt_cache_retention", Neutral.anything()),
            entry("prompt_cache_options", Neutral.anything()),
            // of tools that the server itself would call
            entry("max_tool_calls", Neutral.anything()),
            entry(
                    "stream_options",
                    new Neutral(options -> !options.path("include_obfuscation").asBoolean(), "null")),
            entry("truncation", new Neutral(value -> "disabled".equals(value.textValue()), "\"disabled\"")),
            entry("background", new Neutral(value -> value.isBoolean() && !value.booleanValue(), "false")),
            entry("reasoning", new Neutral(ResponsesRequest::thinksNothing, "{\"effort\": \"none\"}")),
            entry(
                    "previous_response_id",
                    Neutral.nothing("responses are not kept; send the whole conversation as input")),
            entry("conversation", Neutral.nothing("conversations are not kept; send the whole of it as input")),
            entry("prompt", Neutral.nothing("prompts are not kept; send instructions and input")),
            entry("context_management", Neutral.nothing("null")),
            entry("moderation", Neutral.nothing("null")));

    private record Neutral(Predicate<JsonNode> passes, String expected) {
        static Neutral anything() {
            return new Neutral(_ -> true, "");
        }

        static Neutral nothing(String expected) {
            return new Neutral(_ -> false, expected);
        }
    }

    record Fields(
            @Setting(doc = "The base's id, an adapter's name or a fine-tuned model.", required = true)
            String model,

            @Setting(doc = "What the system message says.") String instructions,

            @Setting(doc = "Most tokens of the answer.", min = 1)
            Integer maxOutputTokens,

            @Setting(doc = "0 always takes the likeliest token.", min = 0, max = 2)
            Double temperature,

            @Setting(
                    doc = "Draws from the likeliest tokens that have so much probability together.",
                    min = 0,
                    aboveMin = true,
                    max = 1)
            Double topP,

            @Setting(doc = "Whether the answer comes as server-sent events.")
            Boolean stream,

            @Setting(doc = "Functions that may be called.") List<JsonNode> tools,

            @Setting(doc = "Whether several may be called at once.")
            Boolean parallelToolCalls,

            @Setting(doc = "Likely tokens to name beside each.", min = 0, max = 20)
            Integer topLogprobs,

            @Setting(doc = "Notes of whoever asks.") Map<String, String> metadata) {}

    /**
     * Reads a body.
     *
     * @throws ContractException naming every problem
     */
    static ResponsesRequest read(byte[] body) {
        var json = JsonBody.object(body, SUBJECT, "{\"model\": …, \"input\": …}");
        var reader = new RecordReader(SUBJECT);
        NEUTRAL.forEach((name, neutral) -> {
            var value = json.path(name);
            if (!isNothing(value) && !neutral.passes().test(value)) {
                reader.problem(new Problem(name, "is not supported with this value", neutral.expected()));
            }
        });
        var chat = Json.mapper().createObjectNode();
        chat.set("messages", InputItems.messages(json.path("instructions").textValue(), json.path("input"), reader));
        tools(json, chat, reader);
        format(json.path("text"), chat, reader);
        logprobs(json, chat, reader);
        var known = new HashSet<>(NEUTRAL.keySet());
        known.addAll(OPEN);
        var fields = reader.read(SHAPE, json, known);
        chat.put("model", fields.model())
                .put("max_completion_tokens", fields.maxOutputTokens())
                .put("temperature", fields.temperature())
                .put("top_p", fields.topP());
        if (json.path("user").isTextual()) {
            chat.put("user", json.path("user").textValue());
        }
        boolean stream = Boolean.TRUE.equals(fields.stream());
        if (stream) {
            chat.put("stream", true).putObject("stream_options").put("include_usage", true);
        }
        return new ResponsesRequest(json, chat, stream);
    }

    private static void tools(ObjectNode json, ObjectNode chat, RecordReader reader) {
        if (!(json.get("tools") instanceof ArrayNode tools) || tools.isEmpty()) {
            return;
        }
        var functions = chat.putArray("tools");
        for (int i = 0; i < tools.size(); i++) {
            var tool = tools.get(i);
            if (!"function".equals(tool.path("type").textValue())) {
                reader.problem(new Problem("tools[" + i + "].type", "is not supported", "\"function\""));
            }
            var function = functions.addObject().put("type", "function").putObject("function");
            for (var name : List.of("name", "description", "parameters", "strict")) {
                if (tool.hasNonNull(name)) {
                    function.set(name, tool.get(name));
                }
            }
        }
        if (json.hasNonNull("parallel_tool_calls")) {
            chat.set("parallel_tool_calls", json.get("parallel_tool_calls"));
        }
        choice(json.path("tool_choice"), chat, reader);
    }

    private static void choice(JsonNode choice, ObjectNode chat, RecordReader reader) {
        if (choice.isTextual()) {
            chat.set("tool_choice", choice);
        } else if ("function".equals(choice.path("type").textValue())) {
            chat.putObject("tool_choice")
                    .put("type", "function")
                    .putObject("function")
                    .set("name", choice.path("name"));
        } else if (!isNothing(choice)) {
            reader.problem(new Problem(
                    "tool_choice",
                    "is not supported",
                    "auto, none, required, or {\"type\": \"function\", \"name\": …}"));
        }
    }

    private static void format(JsonNode text, ObjectNode chat, RecordReader reader) {
        if (text.hasNonNull("verbosity")) {
            chat.set("verbosity", text.get("verbosity"));
        }
        var format = text.path("format");
        switch (format.path("type").asText("text")) {
            case "text" -> {}
            case "json_object" -> chat.set("response_format", format);
            case "json_schema" -> {
                var schema = ((ObjectNode) format).deepCopy();
                schema.remove("type");
                chat.putObject("response_format").put("type", "json_schema").set("json_schema", schema);
            }
            default -> reader.problem(new Problem(FORMAT + ".type", "is none", "text, json_object or json_schema"));
        }
    }

    private static void logprobs(ObjectNode json, ObjectNode chat, RecordReader reader) {
        boolean wanted = false;
        for (var include : json.path("include")) {
            wanted |= LOGPROBS.equals(include.textValue());
            if (!INCLUDED.contains(include.asText())) {
                reader.problem(new Problem("include", Shown.name(include.asText()) + " is not supported", LOGPROBS));
            }
        }
        var top = json.path("top_logprobs");
        if (wanted || top.asInt() > 0) {
            chat.put("logprobs", true);
            if (top.isInt()) {
                chat.set("top_logprobs", top);
            }
        }
    }

    private static boolean thinksNothing(JsonNode reasoning) {
        return reasoning.isObject()
                && reasoning.valueStream().allMatch(value -> value.isNull() || "none".equals(value.textValue()));
    }

    private static boolean isNothing(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }
}
