package io.lorikeet.gateway.responses;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.http.ApiException;
import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResponseEventsTest {
    private static final ObjectNode ASKED =
            Json.mapper().createObjectNode().put("model", "m").put("input", "hi");

    @Test
    void aTextIsOneMessage() {
        var events = events(text("你"), text("好"), end("stop"), USAGE, "[DONE]");

        assertThat(types(events))
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.completed");
        assertThat(events.stream().map(event -> event.path("sequence_number").intValue()))
                .isEqualTo(IntStream.range(0, events.size()).boxed().toList());
        var response = events.getLast().path("response");
        assertThat(response.path("status").textValue()).isEqualTo("completed");
        assertThat(response.at("/output/0/content/0/text").textValue()).isEqualTo("你好");
        assertThat(response.at("/output/0/id")).isEqualTo(events.get(4).path("item_id"));
        assertThat(response.at("/usage/input_tokens").intValue()).isEqualTo(5);
        assertThat(response.at("/usage/output_tokens").intValue()).isEqualTo(3);
        assertThat(events.getFirst().at("/response/output")).isEmpty();
    }

    @Test
    void callsComeAfterTheTextEachWithItsArguments() {
        var events = events(
                text("I look."),
                call(
                        "{\"index\": 0, \"id\": \"call_1\", \"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": \"\"}}"),
                call("{\"index\": 0, \"function\": {\"arguments\": \"{\\\"a\\\"\"}}"),
                call("{\"index\": 0, \"function\": {\"arguments\": \": 1}\"}}"),
                call(
                        "{\"index\": 1, \"id\": \"call_2\", \"type\": \"function\", \"function\": {\"name\": \"g\", \"arguments\": \"{}\"}}"),
                end("tool_calls"),
                "[DONE]");

        assertThat(types(events).subList(5, events.size()))
                .containsExactly(
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.function_call_arguments.delta",
                        "response.function_call_arguments.delta",
                        "response.function_call_arguments.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.function_call_arguments.delta",
                        "response.function_call_arguments.done",
                        "response.output_item.done",
                        "response.completed");
        var output = events.getLast().at("/response/output");
        assertThat(output.findValuesAsText("type")).contains("message", "function_call", "function_call");
        assertThat(output.path(1).path("arguments").textValue()).isEqualTo("{\"a\": 1}");
        assertThat(output.path(2).path("call_id").textValue()).isEqualTo("call_2");
        assertThat(events.get(13).path("output_index").intValue()).isEqualTo(2);
    }

    @Test
    void oneThatIsCutOffIsIncomplete() {
        var events = events(text("x"), end("length"), "[DONE]");

        assertThat(events.getLast().path("type").textValue()).isEqualTo("response.incomplete");
        assertThat(events.getLast().at("/response/incomplete_details/reason").textValue())
                .isEqualTo("max_output_tokens");
        assertThat(events.getLast().at("/response/output/0/status").textValue()).isEqualTo("incomplete");
    }

    @Test
    void nothingSaidIsAnEmptyMessage() {
        var events = events(end("stop"), "[DONE]");

        assertThat(events.getLast().at("/response/output/0/content/0/text").textValue())
                .isEmpty();
    }

    @Test
    void oneThatBreaksSaysWhyAndBreaks() {
        var heard = new ArrayList<Buffer>();
        var chunks = Multi.createBy()
                .concatenating()
                .streams(
                        Multi.createFrom().item(sse(text("x"))),
                        Multi.createFrom().<Buffer>failure(ApiException.badGateway("it is gone", null)));

        assertThatThrownBy(() -> ResponseEvents.of(ASKED, chunks)
                        .invoke(heard::add)
                        .collect()
                        .last()
                        .await()
                        .indefinitely())
                .isInstanceOf(ApiException.class);

        var last = parse(heard.getLast());
        assertThat(last.path("type").textValue()).isEqualTo("response.failed");
        assertThat(last.at("/response/status").textValue()).isEqualTo("failed");
        assertThat(last.at("/response/error/message").textValue()).isEqualTo("it is gone");
    }

    @Test
    void oneThatEndsHalfWayIsBrokenToo() {
        assertThatThrownBy(() -> events(text("x")))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("half-way");
    }

    private static final String USAGE =
            "{\"choices\": [], \"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 3, \"total_tokens\": 8}}";

    private static String text(String delta) {
        return "{\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"" + delta + "\"}, \"finish_reason\": null}]}";
    }

    private static String call(String delta) {
        return "{\"choices\": [{\"index\": 0, \"delta\": {\"tool_calls\": [" + delta + "]}, \"finish_reason\": null}]}";
    }

    private static String end(String reason) {
        return "{\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"" + reason + "\"}]}";
    }

    private static Buffer sse(String data) {
        return Buffer.buffer("data: " + data + "\n\n");
    }

    private static List<JsonNode> events(String... chunks) {
        return ResponseEvents.of(
                        ASKED, Multi.createFrom().items(Arrays.stream(chunks).map(ResponseEventsTest::sse)))
                .map(ResponseEventsTest::parse)
                .collect()
                .asList()
                .await()
                .indefinitely();
    }

    private static JsonNode parse(Buffer event) {
        var data = EventStream.data(Multi.createFrom().item(event))
                .collect()
                .first()
                .await()
                .indefinitely();
        var json = Json.parse(data.getBytes(UTF_8), "event");
        assertThat(event.toString()).startsWith("event: " + json.path("type").textValue() + "\n");
        return json;
    }

    private static List<String> types(List<JsonNode> events) {
        return events.stream().map(event -> event.path("type").textValue()).toList();
    }
}
