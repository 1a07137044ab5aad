package io.lorikeet.engine.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against what Jinja itself renders: resources/jinja/make_expressions.py. */
class ExpressionsTest {
    private static final JsonNode FILE = file();
    private static final Map<String, Value> VARIABLES = variables();

    static List<JsonNode> cases() {
        List<JsonNode> cases = new ArrayList<>();
        FILE.path("cases").forEach(cases::add);
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rendersAsJinjaDoes(JsonNode expected) {
        String template = expected.get("template").textValue();

        if (expected.has("rendered")) {
            assertThat(Template.parse(template).render(VARIABLES).chars())
                    .isEqualTo(expected.get("rendered").textValue());
        } else {
            assertThatThrownBy(() -> Template.parse(template).render(VARIABLES))
                    .as(expected.get("error").textValue())
                    .isInstanceOf(TemplateException.class);
        }
    }

    private static JsonNode file() {
        try (InputStream json = ExpressionsTest.class.getResourceAsStream("/jinja/expressions.json")) {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Map<String, Value> variables() {
        Map<String, Value> variables = new HashMap<>();
        FILE.path("variables")
                .properties()
                .forEach(field -> variables.put(field.getKey(), Value.of(field.getValue(), 0)));
        return variables;
    }
}
