package io.lorikeet.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/**
 * Puts the examples of {@code openapi-examples.json} into the API's document: of each route a request with its parameters, the
 * status that is answered, and an answer.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class DocumentExamples implements OASFilter {
    private static final String FILE = "/openapi-examples.json";
    private static final String OK = "200";

    /** What a response is described as that no annotation has asked for. */
    private static final String GENERATED = "OK";

    private static final String JSON = "application/json";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        var examples = examples();
        document.getPaths().getPathItems().forEach((path, item) -> item.getOperations()
                .forEach((method, operation) -> {
                    var example = examples.path(method + " " + path);
                    if (example.isObject()) {
                        put(example, operation);
                    }
                }));
    }

    private static JsonNode examples() {
        try (var file = DocumentExamples.class.getResourceAsStream(FILE)) {
            return Json.parse(file.readAllBytes(), FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(JsonNode example, Operation operation) {
        example.path("parameters").properties().forEach(each -> operation.getParameters().stream()
                .filter(parameter -> parameter.getName().equals(each.getKey()))
                .forEach(parameter -> parameter.setExample(plain(each.getValue()))));
        if (example.has("request")) {
            var body = operation.getRequestBody();
            body.getContent().getMediaTypes().values().forEach(type -> type.setExample(plain(example.get("request"))));
        }
        var status = example.path("status").asText(OK);
        var responses = operation.getResponses();
        var made = responses.getAPIResponse(OK);
        if (!status.equals(OK) && made != null && GENERATED.equals(made.getDescription())) {
            responses.removeAPIResponse(OK);
        }
        var response = responses.getAPIResponse(status);
        if (response == null) {
            response = OASFactory.createAPIResponse().description("Done");
            responses.addAPIResponse(status, response);
        }
        if (example.has("response")) {
            put(example.path("type").asText(JSON), plain(example.get("response")), response);
        }
    }

    private static void put(String type, Object example, APIResponse response) {
        Content content = response.getContent();
        if (content == null) {
            content = OASFactory.createContent();
            response.setContent(content);
        }
        if (!content.hasMediaType(type)) {
            content.addMediaType(type, OASFactory.createMediaType());
        }
        content.getMediaType(type).setExample(example);
    }

    private static Object plain(JsonNode json) {
        return Json.mapper().convertValue(json, Object.class);
    }
}
