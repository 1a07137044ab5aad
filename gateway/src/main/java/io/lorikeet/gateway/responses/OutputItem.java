package io.lorikeet.gateway.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.openai.ObjectId;

/** The items of a response's output. */
final class OutputItem {
    private static final int ID_LENGTH = 32;

    private OutputItem() {}

    static String messageId() {
        return ObjectId.next("msg_", ID_LENGTH);
    }

    static String callId() {
        return ObjectId.next("fc_", ID_LENGTH);
    }

    /** @param part what it says; null: nothing yet */
    static ObjectNode message(String id, String status, ObjectNode part) {
        var item = Json.mapper().createObjectNode();
        item.put("id", id).put("type", "message").put("status", status).put("role", "assistant");
        var content = item.putArray("content");
        if (part != null) {
            content.add(part);
        }
        return item;
    }

    /** @param logprobs as the chat has them; what is no list: none */
    static ObjectNode text(String text, JsonNode logprobs) {
        var part = Json.mapper().createObjectNode();
        part.put("type", "output_text").put("text", text).putArray("annotations");
        part.set("logprobs", logprobs.isArray() ? logprobs : Json.mapper().createArrayNode());
        return part;
    }

    /** @param callId what the function's result is to name */
    static ObjectNode call(String id, String status, String callId, String name, String arguments) {
        return Json.mapper()
                .createObjectNode()
                .put("id", id)
                .put("type", "function_call")
                .put("status", status)
                .put("call_id", callId)
                .put("name", name)
                .put("arguments", arguments);
    }
}
