package io.lorikeet.gateway.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.openai.ObjectId;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import java.time.Instant;
import java.util.List;

/** A response, with every field that clients expect of one, from its beginning to its end. */
final class ResponseObject {
    private static final int ID_LENGTH = 32;

    /** What says again what was asked for. */
    private static final List<String> REPEATED = List.of(
            "instructions",
            "max_output_tokens",
            "max_tool_calls",
            "prompt_cache_key",
            "safety_identifier",
            "service_tier",
            "temperature",
            "top_p",
            "user");

    private final ObjectNode json;
    private final ArrayNode output = Json.mapper().createArrayNode();

    ResponseObject(ObjectNode asked) {
        json = Json.mapper().createObjectNode();
        json.put("id", ObjectId.next("resp_", ID_LENGTH))
                .put("object", "response")
                .put("created_at", Instant.now().getEpochSecond())
                .put("status", "in_progress")
                .put("background", false)
                .put("store", false)
                .put("truncation", "disabled")
                .putNull("error")
                .putNull("incomplete_details")
                .putNull("previous_response_id")
                .putNull("usage");
        json.set("model", asked.get("model"));
        REPEATED.forEach(name -> json.set(name, asked.get(name)));
        json.set("output", output);
        json.set("metadata", given(asked, "metadata", Json.mapper().createObjectNode()));
        json.set("tools", given(asked, "tools", Json.mapper().createArrayNode()));
        json.set(
                "parallel_tool_calls",
                given(
                        asked,
                        "parallel_tool_calls",
                        Json.mapper().getNodeFactory().booleanNode(true)));
        json.set(
                "tool_choice",
                given(asked, "tool_choice", Json.mapper().getNodeFactory().textNode("auto")));
        json.putObject("reasoning").putNull("effort").putNull("summary");
        var text = json.putObject("text");
        text.set(
                "format",
                given(
                        asked.path("text"),
                        "format",
                        Json.mapper().createObjectNode().put("type", "text")));
    }

    /** The response of a whole chat completion. */
    static ObjectNode of(ObjectNode asked, JsonNode completion) {
        var response = new ResponseObject(asked);
        var choice = completion.path("choices").path(0);
        var message = choice.path("message");
        if (!message.isObject()) {
            throw ApiException.badGateway("the inference service answered without choices[0].message", null);
        }
        var text = message.path("content").asText("");
        var calls = message.path("tool_calls");
        var finish = choice.path("finish_reason").textValue();
        if (!text.isEmpty() || calls.isEmpty()) {
            var part = OutputItem.text(text, choice.path("logprobs").path("content"));
            response.add(OutputItem.message(OutputItem.messageId(), itemStatus(finish), part));
        }
        for (var call : calls) {
            response.add(OutputItem.call(
                    OutputItem.callId(),
                    itemStatus(finish),
                    call.path("id").asText(),
                    call.path("function").path("name").asText(),
                    call.path("function").path("arguments").asText()));
        }
        return response.end(finish, completion.path("usage"));
    }

    /** It as it stands. */
    ObjectNode now() {
        return json.deepCopy();
    }

    void add(ObjectNode item) {
        output.add(item);
    }

    /** Whether nothing has been said yet. */
    boolean isEmpty() {
        return output.isEmpty();
    }

    /** The whole of it. */
    ObjectNode end(String finishReason, JsonNode usage) {
        if ("length".equals(finishReason)) {
            json.putObject("incomplete_details").put("reason", "max_output_tokens");
        }
        json.put("status", itemStatus(finishReason))
                .put("completed_at", Instant.now().getEpochSecond());
        var tokens = json.putObject("usage");
        tokens.put("input_tokens", usage.path("prompt_tokens").asInt());
        tokens.putObject("input_tokens_details")
                .put(
                        "cached_tokens",
                        usage.path("prompt_tokens_details")
                                .path("cached_tokens")
                                .asInt())
                .put("cache_write_tokens", 0);
        tokens.put("output_tokens", usage.path("completion_tokens").asInt());
        tokens.putObject("output_tokens_details").put("reasoning_tokens", 0);
        tokens.put("total_tokens", usage.path("total_tokens").asInt());
        return json;
    }

    /** The end of one that broke off. */
    ObjectNode fail(ApiError error) {
        json.put("status", "failed");
        json.putObject("error")
                .put("code", error.status() == 429 ? "rate_limit_exceeded" : "server_error")
                .put("message", error.message());
        return json;
    }

    /** Of the last item, and of the response. */
    static String itemStatus(String finishReason) {
        return "length".equals(finishReason) ? "incomplete" : "completed";
    }

    private static JsonNode given(JsonNode asked, String name, JsonNode byDefault) {
        return asked.hasNonNull(name) ? asked.get(name) : byDefault;
    }
}
