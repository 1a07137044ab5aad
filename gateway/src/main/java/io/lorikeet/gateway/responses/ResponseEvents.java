package io.lorikeet.gateway.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.http.ApiException;
import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the chunks of a streamed chat completion into the events of a response. An item ends when the next one begins; the
 * chat route says one after the other.
 */
final class ResponseEvents {
    /** The item that is being said. */
    private sealed interface Open {
        String id();

        record Text(String id, StringBuilder said, ArrayNode logprobs) implements Open {}

        /**
         * @param index in the chat's list of calls
         */
        record Call(String id, StringBuilder said, int index, String callId, String name) implements Open {}
    }

    private final ResponseObject response;
    private final List<Buffer> events = new ArrayList<>();
    private Open open;
    private int outputIndex = -1;
    private int sequenceNumber;
    private String finishReason;
    private JsonNode usage = Json.mapper().missingNode();
    private boolean begun;
    private boolean done;

    private ResponseEvents(ObjectNode asked) {
        response = new ResponseObject(asked);
    }

    /** The events. A stream that breaks ends with one that says why, and a broken connection. */
    static Multi<Buffer> of(ObjectNode asked, Multi<Buffer> chunks) {
        return Multi.createFrom().deferred(() -> {
            var stream = new ResponseEvents(asked);
            return EventStream.data(chunks)
                    .onItem()
                    .transformToIterable(stream::events)
                    .onCompletion()
                    .switchTo(stream::missingEnd)
                    .onFailure(ApiException.class)
                    .recoverWithMulti(stream::broken);
        });
    }

    private List<Buffer> events(String data) {
        events.clear();
        begin();
        if (data.equals("[DONE]")) {
            end();
        } else {
            take(Json.parse(data.getBytes(StandardCharsets.UTF_8), "chunk of the inference service"));
        }
        return List.copyOf(events);
    }

    private void begin() {
        if (!begun) {
            begun = true;
            emit(event("response.created").set("response", response.now()));
            emit(event("response.in_progress").set("response", response.now()));
        }
    }

    private void take(JsonNode chunk) {
        if (chunk.has("error")) {
            var message = chunk.path("error").path("message").asText("no reason given");
            throw ApiException.badGateway("the answer broke off: " + message, null);
        }
        if (chunk.path("usage").isObject()) {
            usage = chunk.get("usage");
        }
        var choice = chunk.path("choices").path(0);
        if (choice.path("finish_reason").isTextual()) {
            finishReason = choice.get("finish_reason").textValue();
        }
        var text = choice.path("delta").path("content").asText("");
        var logprobs = choice.path("logprobs").path("content");
        if (!text.isEmpty() || !logprobs.isEmpty()) {
            say(text, logprobs);
        }
        choice.path("delta").path("tool_calls").forEach(this::call);
    }

    private void say(String delta, JsonNode logprobs) {
        var text = open instanceof Open.Text same ? same : beginText();
        text.said().append(delta);
        logprobs.forEach(text.logprobs()::add);
        var event = inText("response.output_text.delta").put("delta", delta);
        event.set("logprobs", logprobs.isArray() ? logprobs : Json.mapper().createArrayNode());
        emit(event);
    }

    private Open.Text beginText() {
        close("completed");
        var text = new Open.Text(
                OutputItem.messageId(), new StringBuilder(), Json.mapper().createArrayNode());
        open(text, OutputItem.message(text.id(), "in_progress", null));
        emit(inText("response.content_part.added")
                .set("part", OutputItem.text("", Json.mapper().createArrayNode())));
        return text;
    }

    private void call(JsonNode delta) {
        var call = open instanceof Open.Call same
                        && same.index() == delta.path("index").asInt()
                ? same
                : beginCall(delta);
        var arguments = delta.path("function").path("arguments").asText("");
        if (!arguments.isEmpty()) {
            call.said().append(arguments);
            emit(inItem("response.function_call_arguments.delta").put("delta", arguments));
        }
    }

    private Open.Call beginCall(JsonNode delta) {
        close("completed");
        var call = new Open.Call(
                OutputItem.callId(),
                new StringBuilder(),
                delta.path("index").asInt(),
                delta.path("id").asText(),
                delta.path("function").path("name").asText());
        open(call, OutputItem.call(call.id(), "in_progress", call.callId(), call.name(), ""));
        return call;
    }

    private void open(Open item, ObjectNode json) {
        open = item;
        outputIndex++;
        emit(event("response.output_item.added")
                .put("output_index", outputIndex)
                .set("item", json));
    }

    /** @param status of the item that was being said, if there is one */
    private void close(String status) {
        switch (open) {
            case null -> {}
            case Open.Text text -> {
                var part = OutputItem.text(text.said().toString(), text.logprobs());
                var whole = inText("response.output_text.done")
                        .put("text", text.said().toString());
                emit(whole.set("logprobs", text.logprobs()));
                emit(inText("response.content_part.done").set("part", part));
                closed(OutputItem.message(text.id(), status, part));
            }
            case Open.Call call -> {
                var arguments = call.said().toString();
                emit(inItem("response.function_call_arguments.done")
                        .put("name", call.name())
                        .put("arguments", arguments));
                closed(OutputItem.call(call.id(), status, call.callId(), call.name(), arguments));
            }
        }
        open = null;
    }

    private void closed(ObjectNode item) {
        response.add(item);
        emit(event("response.output_item.done").put("output_index", outputIndex).set("item", item));
    }

    private void end() {
        done = true;
        if (open == null && response.isEmpty()) {
            beginText();
        }
        var status = ResponseObject.itemStatus(finishReason);
        close(status);
        emit(event("response." + status).set("response", response.end(finishReason, usage)));
    }

    private Multi<Buffer> missingEnd() {
        return done
                ? Multi.createFrom().empty()
                : Multi.createFrom()
                        .failure(ApiException.badGateway("the inference service ended the answer half-way", null));
    }

    private Multi<Buffer> broken(Throwable failure) {
        events.clear();
        begin();
        emit(event("response.failed").set("response", response.fail(((ApiException) failure).error())));
        return Multi.createBy()
                .concatenating()
                .streams(
                        Multi.createFrom().iterable(List.copyOf(events)),
                        Multi.createFrom().failure(failure));
    }

    private ObjectNode event(String type) {
        return Json.mapper().createObjectNode().put("type", type).put("sequence_number", sequenceNumber++);
    }

    private ObjectNode inItem(String type) {
        return event(type).put("item_id", open.id()).put("output_index", outputIndex);
    }

    private ObjectNode inText(String type) {
        return inItem(type).put("content_index", 0);
    }

    private void emit(JsonNode event) {
        events.add(
                Buffer.buffer("event: " + event.path("type").asText() + "\n").appendBuffer(EventStream.event(event)));
    }
}
