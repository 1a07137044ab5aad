package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Reads OpenAI's (text) completion request. */
final class TextRequestReader {
    /** OpenAI's. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    private static final int MAX_PROMPTS = 64;
    private static final Set<String> OWN = Set.of("prompt", "logprobs");

    /** Not done here, but clients send their neutral values; those pass. */
    private static final Map<String, Predicate<JsonNode>> NEUTRAL = Map.of(
            "logit_bias", JsonNode::isEmpty,
            "echo", value -> value.isBoolean() && !value.booleanValue(),
            "suffix", value -> value.asText().isEmpty(),
            "best_of", value -> value.asInt() == 1);

    private final CompletionParams common;

    /** @param defaults sampling where a request says nothing, as the model's makers recommend */
    TextRequestReader(ObjectMapper json, GenerationConfig defaults) {
        this.common = new CompletionParams(json, defaults, OWN, NEUTRAL);
    }

    /**
     * Reads a body.
     *
     * @throws ApiException 400, naming the parameter
     */
    CompletionRequest read(byte[] body) {
        var params = common.parse(body);
        var logprobs = params.integer("logprobs", 0);
        if (logprobs.orElse(0) > SamplingParams.MAX_LOGPROBS) {
            throw ApiException.badValue(
                    "logprobs",
                    "logprobs must be at most " + SamplingParams.MAX_LOGPROBS + ", is " + logprobs.getAsInt());
        }
        return common.request(
                params, prompts(params), params.integer("max_tokens", 1).orElse(DEFAULT_MAX_TOKENS), logprobs);
    }

    private static List<Prompt> prompts(Params params) {
        var expected = "a string, or 1 to " + MAX_PROMPTS + " strings, none empty";
        var value = params.value("prompt").orElseThrow(() -> ApiException.badValue("prompt", "prompt is missing"));
        var prompts = new ArrayList<Prompt>();
        for (var one : value.isArray() ? value : List.of(value)) {
            if (!one.isTextual() || one.textValue().isEmpty() || prompts.size() == MAX_PROMPTS) {
                throw Params.wrong("prompt", one, expected);
            }
            prompts.add(new Prompt.Text(one.textValue()));
        }
        if (prompts.isEmpty()) {
            throw Params.wrong("prompt", value, expected);
        }
        return prompts;
    }
}
