package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.TestModel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** Structured output and calls of tools over HTTP. The model knows neither: what comes right is enforced. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class ToolsApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEMA = """
            {"type": "object", "properties": {"city": {"enum": ["Bonn", "Ulm"]}, "days": {"type": "integer", "minimum": 1,
             "maximum": 30}}, "required": ["city", "days"], "additionalProperties": false}""";
    private static final String FORMAT =
            "\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"trip\", \"strict\": true, \"schema\": "
                    + SCHEMA + "}}";
    private static final String TOOLS =
            "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": " + SCHEMA + "}},"
                    + " {\"type\": \"function\", \"function\": {\"name\": \"g\"}}]";

    @Test
    void everyAnswerIsOfItsSchema() {
        var completion = ok("{%s, \"n\": 4, \"temperature\": 1, \"seed\": 7, \"logprobs\": true}".formatted(FORMAT));

        assertThat(completion.get("choices")).hasSize(4).allSatisfy(choice -> {
            assertTrip(choice.at("/message/content").asText());
            assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
            assertThat(choice.at("/logprobs/content")).isNotEmpty();
        });
    }

    @Test
    void anyJsonObjectIsOneUnlessItIsCutShort() {
        var choice = ok("{\"response_format\": {\"type\": \"json_object\"}, \"max_tokens\": 3}")
                .at("/choices/0");

        assertThat(choice.at("/message/content").asText()).startsWith("{");
        assertThat(choice.get("finish_reason").asText()).isEqualTo("length");
    }

    @Test
    void refusesASchemaThatCannotBeEnforcedByName() {
        var reply = Service.chat(
                request("{\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"n\","
                        + " \"schema\": {\"properties\": {\"a\": {\"multipleOf\": 3}}}}}}"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/param").asText())
                .isEqualTo("response_format.json_schema.schema.properties.a.multipleOf");
    }

    @Test
    void aCallThatIsAskedForIsMadeWithArgumentsOfItsSchema() {
        var choice = ok("{%s, \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"f\"}}}"
                        .formatted(TOOLS))
                .at("/choices/0");

        assertThat(choice.get("finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(choice.at("/message/content").isNull()).isTrue();
        assertThat(choice.at("/message/tool_calls")).hasSize(1);
        var call = choice.at("/message/tool_calls/0");
        assertThat(call.get("id").asText()).startsWith("call_");
        assertThat(call.get("type").asText()).isEqualTo("function");
        assertThat(call.at("/function/name").asText()).isEqualTo("f");
        assertTrip(call.at("/function/arguments").asText());
    }

    @Test
    void streamsTheArgumentsAsTheyCome() throws JsonProcessingException {
        var stream = Service.chat(
                request("{%s, \"tool_choice\": \"required\", \"parallel_tool_calls\": false, \"stream\": true}"
                        .formatted(TOOLS)));

        var arguments = new StringBuilder();
        String name = "";
        String finish = "";
        int deltas = 0;
        for (String event : stream.events()) {
            if (event.equals("[DONE]")) {
                break;
            }
            JsonNode choice = JSON.readTree(event).at("/choices/0");
            JsonNode call = choice.at("/delta/tool_calls/0");
            name += call.at("/function/name").asText("");
            arguments.append(call.at("/function/arguments").asText(""));
            deltas += call.isMissingNode() ? 0 : 1;
            finish = choice.path("finish_reason").asText();
            assertThat(choice.at("/delta/content").asText("")).isEmpty();
        }
        assertThat(finish).isEqualTo("tool_calls");
        assertThat(deltas).isGreaterThan(2);
        if (name.equals("f")) {
            assertTrip(arguments.toString());
        } else {
            assertThat(name).isEqualTo("g");
            assertThat(JSON.readTree(arguments.toString())).isEmpty();
        }
    }

    @Test
    void aModelThatMayCallButDoesNotJustAnswers() {
        var choice = ok("""
                        {%s, "max_tokens": 8, "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": null,
                         "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                         {"role": "tool", "tool_call_id": "c", "content": "ok"}]}""".formatted(TOOLS)).at("/choices/0");

        assertThat(choice.at("/message/content").isTextual()).isTrue();
        assertThat(choice.at("/message/tool_calls").isMissingNode()).isTrue();
        assertThat(choice.get("finish_reason").asText()).isIn("length", "stop");
    }

    @Test
    void refusesAToolThatIsNotThere() {
        var reply = Service.chat(request(
                "{%s, \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"h\"}}}".formatted(TOOLS)));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/param").asText()).isEqualTo("tool_choice.function.name");
    }

    private static void assertTrip(String json) {
        try {
            JsonNode trip = JSON.readTree(json);
            assertThat(trip.fieldNames()).toIterable().containsExactly("city", "days");
            assertThat(trip.get("city").asText()).isIn("Bonn", "Ulm");
            assertThat(trip.get("days").asInt()).isBetween(1, 30);
        } catch (JsonProcessingException e) {
            throw new AssertionError(json, e);
        }
    }

    private static JsonNode ok(String members) {
        var reply = Service.chat(request(members));
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private static ObjectNode request(String members) {
        try {
            ObjectNode request = JSON.valueToTree(Service.question(TestModel.ID, 150));
            return request.setAll((ObjectNode) JSON.readTree(members));
        } catch (JsonProcessingException e) {
            throw new AssertionError(members, e);
        }
    }
}
