package io.lorikeet.inference.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.Penalties;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.ToolCall;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestReaderTest {
    private static final GenerationConfig RECOMMENDED = new GenerationConfig(
            List.of(0),
            Optional.empty(),
            Optional.empty(),
            Optional.of(true),
            Optional.of(0.7),
            Optional.of(0.8),
            Optional.of(20),
            Optional.of(1.05));
    private static final String HELLO = "\"messages\": [{\"role\": \"user\", \"content\": \"你好\"}]";

    private final ChatRequestReader reader = new ChatRequestReader(RECOMMENDED, 4096, true);

    private CompletionRequest read(String body) {
        return reader.read(body.getBytes(StandardCharsets.UTF_8));
    }

    private static Prompt chat(ChatMessage... messages) {
        return new Prompt.Chat(List.of(messages));
    }

    @Test
    void takesWhatTheModelsMakersRecommendWhereTheRequestSaysNothing() {
        var request = read("{\"model\": \"m\", " + HELLO + "}");

        assertThat(request.prompts()).containsExactly(chat(ChatMessage.user("你好")));
        assertThat(request.sampling())
                .isEqualTo(SamplingParams.drawn(0.7, 4096, OptionalLong.empty())
                        .limited(0.8, 20, 0)
                        .with(new Penalties(1.05, 0, 0)));
        assertThat(request.stream()).isFalse();
        assertThat(request.includeUsage()).isFalse();
    }

    @Test
    void readsEveryParameter() {
        var request = read(
                "{\"model\": \"m\", " + HELLO
                        + ", \"temperature\": 0, \"top_p\": 0.5, \"top_k\": -1, \"max_tokens\": 7, \"stop\": [\"a\", \"b\"],"
                        + " \"seed\": 42, \"n\": 2, \"min_p\": 0.1, \"repetition_penalty\": 1.2, \"presence_penalty\": -1,"
                        + " \"frequency_penalty\": 0.5, \"logprobs\": true, \"top_logprobs\": 3, \"stream\": true, \"stream_options\": {\"include_usage\": true}}");

        assertThat(request.sampling())
                .isEqualTo(new SamplingParams(
                        0,
                        0.5,
                        0,
                        0.1,
                        new Penalties(1.2, -1, 0.5),
                        7,
                        List.of("a", "b"),
                        OptionalLong.of(42),
                        OptionalInt.of(3),
                        Optional.empty()));
        assertThat(request.n()).isEqualTo(2);
        assertThat(request.stream()).isTrue();
        assertThat(request.includeUsage()).isTrue();
    }

    @Test
    void prefersTheNewerNameOfTheTokenLimit() {
        var request = read("{\"model\": \"m\", " + HELLO + ", \"max_tokens\": 7, \"max_completion_tokens\": 9}");

        assertThat(request.sampling().maxNewTokens()).isEqualTo(9);
    }

    @Test
    void joinsTextPartsAndKnowsTheDevelopersRole() {
        var request = read("{\"model\": \"m\", \"messages\": [{\"role\": \"developer\", \"content\": \"\"},"
                + "{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"a\"},"
                + "{\"type\": \"text\", \"text\": \"b\"}]}]}");

        assertThat(request.prompts()).containsExactly(chat(ChatMessage.system(""), ChatMessage.user("ab")));
    }

    @Test
    void passesParametersThatAskForNothingSpecial() {
        var request = read("{\"model\": \"m\", " + HELLO + ", \"n\": 1, \"user\": \"u\", \"presence_penalty\": 0.0,"
                + " \"logprobs\": false, \"tools\": [], \"logit_bias\": {}, \"stop\": null, \"seed\": null,"
                + " \"response_format\": {\"type\": \"text\"}}");

        assertThat(request.model()).isEqualTo("m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"modalities\": [\"text\"]",
                "\"functions\": []",
                "\"function_call\": \"none\"",
                "\"tools\": []",
                "\"tool_choice\": \"none\"",
                "\"tool_choice\": \"auto\"",
                "\"parallel_tool_calls\": true",
                "\"response_format\": {\"type\": \"text\"}",
                "\"logit_bias\": {}",
                "\"logit_bias\": {\"5\": 0}",
                "\"store\": false",
                "\"service_tier\": \"default\"",
                "\"stream_options\": {\"include_usage\": false, \"include_obfuscation\": false}",
                "\"stream_options\": null",
                "\"audio\": null",
                "\"reasoning_effort\": \"none\"",
                "\"top_logprobs\": 0",
                "\"best_of\": 1",
                "\"prompt_cache_key\": \"k\"",
                "\"metadata\": {\"k\": \"v\"}"
            })
    void passesAParameterAtAValueThatChangesNothing(String member) {
        var plain = read("{\"model\": \"m\", " + HELLO + "}");

        assertThat(read("{\"model\": \"m\", " + HELLO + ", " + member + "}")).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"modalities\": [\"text\", \"audio\"]",
                "\"modalities\": []",
                "\"functions\": [\"secret\"]",
                "\"functions\": \"secret\"",
                "\"tools\": {}",
                "\"tool_choice\": \"required\"",
                "\"tool_choice\": {\"secret\": 1}",
                "\"response_format\": {\"type\": \"secret\"}",
                "\"response_format\": \"text\"",
                "\"logit_bias\": {\"5\": 1}",
                "\"logit_bias\": 0",
                "\"audio\": {\"secret\": 1}",
                "\"web_search_options\": {}",
                "\"reasoning_effort\": \"high\"",
                "\"best_of\": 2",
                "\"echo\": true",
                "\"stream_options\": {\"include_obfuscation\": true}"
            })
    void refusesOneThatWouldChangeTheAnswerByNameAndWithoutItsValue(String member) {
        var refused = catchThrowableOfType(
                ContractException.class, () -> read("{\"model\": \"m\", " + HELLO + ", " + member + "}"));

        assertThat(refused.problems()).hasSize(1);
        assertThat(member)
                .startsWith("\"" + refused.problems().getFirst().field().replaceFirst("\\..*", "\""));
        assertThat(refused.getMessage()).doesNotContain("secret", "high");
    }

    @Test
    void namesEverythingThatIsWrongAtOnce() {
        var refused = catchThrowableOfType(
                ContractException.class,
                () -> read("{\"temprature\": 0, \"messages\": 3, \"top_p\": 2, \"tools\": {}}"));

        assertThat(refused.problems())
                .extracting(Problem::field)
                .containsExactlyInAnyOrder("temprature", "messages", "top_p", "tools", "model");
        assertThat(refused.getMessage()).contains("did you mean temperature?", "greater than 0 and at most 1");
    }

    @Test
    void readsCallsAndToolsAnswersOfTheHistory() {
        var request = read("""
                {"model": "m", "messages": [
                  {"role": "user", "content": "Is A1 in stock?", "name": "Ann"},
                  {"role": "assistant", "content": null, "refusal": null, "reasoning_content": "Look.", "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "stock", "arguments": "{\\"sku\\":\\"A1\\"}"}}]},
                  {"role": "tool", "content": "yes", "tool_call_id": "c1"}]}""");

        assertThat(request.prompts())
                .containsExactly(chat(
                        new ChatMessage(
                                Role.USER,
                                "Is A1 in stock?",
                                Optional.empty(),
                                List.of(),
                                Optional.of("Ann"),
                                Optional.empty()),
                        new ChatMessage(
                                Role.ASSISTANT,
                                "",
                                Optional.of("Look."),
                                List.of(ToolCall.of(Optional.of("c1"), "stock", "{\"sku\": \"A1\"}")),
                                Optional.empty(),
                                Optional.empty()),
                        new ChatMessage(
                                Role.TOOL, "yes", Optional.empty(), List.of(), Optional.empty(), Optional.of("c1"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"role\": \"assistant\", \"content\": \"b\", \"tool_calls\": [{}] | messages[0].tool_calls[0]",
                "\"role\": \"user\", \"content\": \"b\", \"tool_calls\": [{}]      | messages[0].tool_calls",
                "\"role\": \"assistant\", \"content\": null                      | messages[0].content",
                "\"role\": \"assistant\", \"content\": \"b\", \"audio\": {\"id\": 1} | messages[0].audio",
                "\"role\": \"function\", \"content\": \"b\"                      | messages[0].role",
            })
    void namesTheMemberOfAMessageThatIsWrong(String message, String field) {
        var refused = catchThrowableOfType(
                ContractException.class, () -> read("{\"model\": \"m\", \"messages\": [{" + message + "}]}"));

        assertThat(refused.problems()).extracting(Problem::field).containsExactly(field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "temperature       | \"temperature\": 2.5",
                "temperature       | \"temperature\": \"hot\"",
                "top_p             | \"top_p\": 0",
                "top_p             | \"top_p\": 1.1",
                "top_k             | \"top_k\": 1.5",
                "max_tokens        | \"max_tokens\": 0",
                "max_tokens        | \"max_tokens\": 99999999999",
                "stop              | \"stop\": [\"\"]",
                "stop              | \"stop\": 3",
                "seed              | \"seed\": 1.5",
                "stream            | \"stream\": \"yes\"",
                "temprature        | \"temprature\": 0",
                "n                 | \"n\": 0",
                "n                 | \"n\": 65",
                "logprobs          | \"logprobs\": 3",
                "top_logprobs      | \"logprobs\": true, \"top_logprobs\": 21",
                "top_logprobs      | \"top_logprobs\": 2",
                "presence_penalty  | \"presence_penalty\": 3",
                "frequency_penalty | \"frequency_penalty\": -2.1",
                "repetition_penalty| \"repetition_penalty\": 0",
                "min_p             | \"min_p\": 1.1",
                "logit_bias        | \"logit_bias\": {\"5\": 1}",
                "tools[0]          | \"tools\": [{}]",
                "stream_options.include_usage | \"stream_options\": {\"include_usage\": 1}"
            })
    void refusesAndNamesTheParameter(String param, String member) {
        var refused = catchThrowableOfType(
                ContractException.class, () -> read("{\"model\": \"m\", " + HELLO + ", " + member + "}"));

        assertThat(refused.problems()).extracting(Problem::field).containsExactly(param);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model               | {" + HELLO + "}",
                "messages            | {\"model\": \"m\"}",
                "messages            | {\"model\": \"m\", \"messages\": []}",
                "messages[0].role    | {\"model\": \"m\", \"messages\": [{\"role\": \"critic\", \"content\": \"x\"}]}",
                "messages[0].content | {\"model\": \"m\", \"messages\": [{\"role\": \"user\"}]}",
                "messages[0].content | {\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}"
            })
    void refusesABodyWithoutWhatItNeeds(String param, String body) {
        var refused = catchThrowableOfType(ContractException.class, () -> read(body));

        assertThat(refused.problems()).extracting(Problem::field).containsExactly(param);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"[]", "``", "{", "3", "null", "{} {}", "{\"n\": 1, \"n\": 2}"})
    void refusesWhatIsNoJsonObject(String body) {
        assertThat(catchThrowable(() -> read(body))).isInstanceOf(ContractException.class);
    }
}
