package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.inference.testing.Broker;
import io.lorikeet.inference.testing.Service;
import io.lorikeet.inference.testing.TestModel;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Several answers, log-probabilities, penalties and text completions, as OpenAI's clients see them. */
@QuarkusTest
@QuarkusTestResource(Broker.class)
class CompletionsApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Map<String, Object> question(Object... more) {
        var body = new HashMap<>(Service.question(TestModel.ID, 12));
        for (int i = 0; i < more.length; i += 2) {
            body.put((String) more[i], more[i + 1]);
        }
        return body;
    }

    private static Map<String, Object> text(Object prompt, Object... more) {
        var body = question(more);
        body.remove("messages");
        body.put("prompt", prompt);
        return body;
    }

    private static JsonNode answered(Service.Reply reply) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void givesSeveralAnswersOfWhichTheFirstIsTheOneThatASingleRequestGets() {
        var alone = answered(Service.chat(question("temperature", 1.5, "seed", 3)));

        var several = answered(Service.chat(question("temperature", 1.5, "seed", 3, "n", 3)));

        var choices = several.get("choices");
        assertThat(choices).hasSize(3);
        assertThat(choices.get(0)).isEqualTo(alone.at("/choices/0"));
        assertThat(choices.get(1).get("index").asInt()).isEqualTo(1);
        assertThat(choices.get(1).get("message")).isNotEqualTo(choices.get(0).get("message"));
        assertThat(several.at("/usage/completion_tokens").asInt()).isEqualTo(36);
        assertThat(several.at("/usage/prompt_tokens")).isEqualTo(alone.at("/usage/prompt_tokens"));
        assertThat(answered(Service.chat(question("temperature", 1.5, "seed", 3, "n", 3)))
                        .get("choices"))
                .isEqualTo(choices);
    }

    @Test
    void streamsSeveralAnswersSideBySide() {
        var whole = answered(Service.chat(question("temperature", 1.5, "seed", 3, "n", 3)));

        var stream = Service.chat(question(
                "temperature",
                1.5,
                "seed",
                3,
                "n",
                3,
                "stream",
                true,
                "stream_options",
                Map.of("include_usage", true)));

        var texts = new TreeMap<Integer, String>();
        var ends = new ArrayList<String>();
        var events = stream.events();
        for (var event : events.subList(0, events.size() - 2)) {
            var choice = json(event).at("/choices/0");
            texts.merge(choice.get("index").asInt(), choice.at("/delta/content").asText(), String::concat);
            if (!choice.get("finish_reason").isNull()) {
                ends.add(choice.get("finish_reason").asText());
            }
        }
        assertThat(ends).containsExactly("length", "length", "length");
        for (int i = 0; i < 3; i++) {
            assertThat(texts.get(i))
                    .isEqualTo(whole.at("/choices/" + i + "/message/content").asText());
        }
        assertThat(json(events.get(events.size() - 2)).get("usage")).isEqualTo(whole.get("usage"));
        assertThat(events.getLast()).isEqualTo("[DONE]");
    }

    @Test
    void tellsTheLogProbabilitiesOfEachTokenAndItsRivals() {
        var whole = answered(Service.chat(question("logprobs", true, "top_logprobs", 3)));

        var content = whole.at("/choices/0/logprobs/content");
        assertThat(content).hasSize(12);
        var text = new StringBuilder();
        for (var token : content) {
            text.append(token.get("token").asText());
            assertThat(token.get("top_logprobs")).hasSize(3);
            assertThat(token.at("/top_logprobs/0/token")).isEqualTo(token.get("token"));
            assertThat(token.at("/top_logprobs/0/logprob").asDouble())
                    .isEqualTo(token.get("logprob").asDouble(), within(1e-6))
                    .isNegative();
            assertThat(token.get("bytes")).isNotEmpty();
        }
        assertThat(text.toString())
                .isEqualTo(whole.at("/choices/0/message/content").asText());

        var streamed = new ArrayList<JsonNode>();
        for (var event : Service.chat(question("logprobs", true, "top_logprobs", 3, "stream", true))
                .events()) {
            if (event.startsWith("{")) {
                json(event).at("/choices/0/logprobs/content").forEach(streamed::add);
            }
        }
        assertThat(streamed).hasSize(12).first().isEqualTo(content.get(0));
        assertThat(answered(Service.chat(question())).at("/choices/0/logprobs").isNull())
                .isTrue();
    }

    @Test
    void penaltiesMakeAnAnswerRepeatItselfLess() {
        var plain = answered(Service.chat(question("max_tokens", 40)));
        var penalized =
                answered(Service.chat(question("max_tokens", 40, "frequency_penalty", 2, "presence_penalty", 2)));

        assertThat(words(penalized)).isGreaterThan(words(plain));
    }

    private static long words(JsonNode completion) {
        return List.of(completion.at("/choices/0/message/content").asText().split(" ")).stream()
                .distinct()
                .count();
    }

    @Test
    void continuesATextInOpenAisShape() {
        var reply = Service.complete(text("once upon", "logprobs", 2));

        var completion = answered(reply);
        assertThat(completion.get("object").asText()).isEqualTo("text_completion");
        assertThat(completion.get("id").asText()).startsWith("cmpl-");
        var choice = completion.at("/choices/0");
        assertThat(choice.get("text").asText()).isNotEmpty();
        assertThat(choice.get("finish_reason").asText()).isEqualTo("length");
        assertThat(choice.at("/logprobs/tokens")).hasSize(12);
        assertThat(choice.at("/logprobs/token_logprobs")).hasSize(12);
        assertThat(choice.at("/logprobs/top_logprobs/0")).hasSize(2);
        assertThat(choice.at("/logprobs/text_offset/0").asInt()).isZero();
        assertThat(choice.at("/logprobs/text_offset/1").asInt())
                .isEqualTo(choice.at("/logprobs/tokens/0").asText().length());
        assertThat(completion.at("/usage/prompt_tokens").asInt())
                .as("no template around it")
                .isEqualTo("once upon".length());
    }

    @Test
    void aTextLaidOutByHandIsTheConversationThatTheTemplateMakes() {
        var byHand = "<|im_start|>system\nhi<|im_end|>\n<|im_start|>user\nwho?<|im_end|>\n<|im_start|>assistant\n";
        var messages = List.of(Map.of("role", "system", "content", "hi"), Map.of("role", "user", "content", "who?"));

        var completed = answered(Service.complete(text(byHand)));
        var chatted = answered(Service.chat(question("messages", messages)));

        assertThat(completed.at("/choices/0/text")).isEqualTo(chatted.at("/choices/0/message/content"));
        assertThat(completed.get("usage")).isEqualTo(chatted.get("usage"));
    }

    @Test
    void continuesSeveralTextsInOrderAndStreamsThem() {
        var first = answered(Service.complete(text("one")));
        var second = answered(Service.complete(text("two")));

        var both = answered(Service.complete(text(List.of("one", "two"), "n", 2)));
        var stream = Service.complete(text(List.of("one", "two"), "stream", true));

        assertThat(both.get("choices")).hasSize(4);
        assertThat(both.at("/choices/0/text")).isEqualTo(first.at("/choices/0/text"));
        assertThat(both.at("/choices/2/text")).isEqualTo(second.at("/choices/0/text"));
        assertThat(both.at("/usage/prompt_tokens").asInt()).isEqualTo(6);
        var texts = new TreeMap<Integer, String>();
        var events = stream.events();
        for (var event : events.subList(0, events.size() - 1)) {
            var choice = json(event).at("/choices/0");
            texts.merge(choice.get("index").asInt(), choice.get("text").asText(), String::concat);
        }
        assertThat(texts.get(0)).isEqualTo(first.at("/choices/0/text").asText());
        assertThat(texts.get(1)).isEqualTo(second.at("/choices/0/text").asText());
    }

    @Test
    void refusesTextRequestsThatCannotBeMeant() {
        assertThat(Service.complete(text("")).json().at("/error/param").asText())
                .isEqualTo("prompt");
        assertThat(Service.complete(text(List.of())).json().at("/error/param").asText())
                .isEqualTo("prompt");
        assertThat(Service.complete(text(List.of(1, 2)))
                        .json()
                        .at("/error/param")
                        .asText())
                .isEqualTo("prompt[0]");
        assertThat(Service.complete(text("a", "echo", true))
                        .json()
                        .at("/error/param")
                        .asText())
                .isEqualTo("echo");
        assertThat(Service.complete(question()).status()).isEqualTo(400);
    }
}
