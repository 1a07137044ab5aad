package io.lorikeet.inference.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.Penalties;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What chat and text completions have in common. What is unknown is refused, and so is what this service does not do: a
 * parameter without effect would be a lie.
 */
final class CompletionParams {
    private static final Set<String> KNOWN = Set.of(
            "model",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "repetition_penalty",
            "presence_penalty",
            "frequency_penalty",
            "max_tokens",
            "stop",
            "seed",
            "n",
            "stream",
            "stream_options");

    /** Notes to the provider that change no answer. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key");

    private static final int MAX_STOPS = 16;
    private static final int MAX_CHOICES = 64;

    private final ObjectMapper json;
    private final GenerationConfig defaults;
    private final Set<String> known = new HashSet<>(KNOWN);
    private final Map<String, Predicate<JsonNode>> neutral;

    /**
     * @param defaults sampling where a request says nothing, as the model's makers recommend
     * @param own parameters that only this kind of completion has
     * @param neutral parameters that are not supported, and the values that ask for nothing
     */
    CompletionParams(
            ObjectMapper json, GenerationConfig defaults, Set<String> own, Map<String, Predicate<JsonNode>> neutral) {
        this.json = json;
        this.defaults = defaults;
        this.known.addAll(own);
        this.neutral = Map.copyOf(neutral);
    }

    /**
     * Reads a body's parameters.
     *
     * @throws ApiException 400 if there is one that has no effect, or no model
     */
    Params parse(byte[] body) {
        var params = new Params(object(body));
        refuseUnknown(params);
        if (params.text("model").isEmpty()) {
            throw ApiException.badValue("model", "model is missing; it names the base or an adapter");
        }
        return params;
    }

    private JsonNode object(byte[] body) {
        try {
            var node = json.readTree(body == null ? new byte[0] : body);
            if (!node.isObject()) {
                throw ApiException.refused("the body must be a JSON object, is " + node.getNodeType());
            }
            return node;
        } catch (JsonProcessingException e) {
            throw ApiException.refused("the body is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw ApiException.internal(e);
        }
    }

    private void refuseUnknown(Params params) {
        params.object().properties().forEach(property -> {
            var name = property.getKey();
            var value = property.getValue();
            if (known.contains(name) || WITHOUT_EFFECT.contains(name) || value.isNull()) {
                return;
            }
            var passes = neutral.get(name);
            if (passes == null) {
                throw ApiException.unsupported(name, "there is no parameter " + name);
            }
            if (!passes.test(value)) {
                throw ApiException.unsupported(name, name + " is not supported, and is " + value);
            }
        });
    }

    /**
     * Puts a request together.
     *
     * @param maxNewTokens of each answer
     * @param logprobs how many likely tokens to name; empty: no log-probabilities
     */
    CompletionRequest request(Params params, List<Prompt> prompts, int maxNewTokens, OptionalInt logprobs) {
        var options = params.value("stream_options").map(Params::new);
        int n = params.integer("n", 1).orElse(1);
        if (n > MAX_CHOICES / prompts.size()) {
            throw ApiException.badValue(
                    "n", "n must be so that there are at most " + MAX_CHOICES + " answers in all, is " + n);
        }
        return new CompletionRequest(
                params.text("model").orElseThrow(),
                prompts,
                n,
                sampling(params, maxNewTokens, logprobs),
                params.flag("stream"),
                options.map(o -> o.flag("include_usage")).orElse(false));
    }

    private SamplingParams sampling(Params params, int maxNewTokens, OptionalInt logprobs) {
        var greedy = !defaults.doSample().orElse(true);
        var temperature = params.number("temperature", 0, 2)
                .orElse(greedy ? 0 : defaults.temperature().orElse(1.0));
        var topP = params.number("top_p", Double.MIN_VALUE, 1)
                .orElse(defaults.topP().orElse(1.0));
        var topK = params.integer("top_k", -1).orElse(defaults.topK().orElse(0));
        // who asks for the likeliest tokens means the model's own
        var repetition = temperature == 0 ? 1.0 : defaults.repetitionPenalty().orElse(1.0);
        return new SamplingParams(
                temperature,
                topP,
                Math.max(topK, 0),
                params.number("min_p", 0, 1).orElse(0),
                new Penalties(
                        params.number("repetition_penalty", Double.MIN_VALUE, 10)
                                .orElse(repetition),
                        params.number("presence_penalty", -2, 2).orElse(0),
                        params.number("frequency_penalty", -2, 2).orElse(0)),
                maxNewTokens,
                stop(params),
                params.longInteger("seed"),
                logprobs);
    }

    private static List<String> stop(Params params) {
        var value = params.value("stop").orElse(null);
        if (value == null) {
            return List.of();
        }
        var expected = "a string, or up to " + MAX_STOPS + " strings, none empty";
        var found = value.isArray() ? value : null;
        if (found == null) {
            if (!value.isTextual() || value.textValue().isEmpty()) {
                throw Params.wrong("stop", value, expected);
            }
            return List.of(value.textValue());
        }
        var stops = new ArrayList<String>();
        for (var one : found) {
            if (!one.isTextual() || one.textValue().isEmpty() || stops.size() == MAX_STOPS) {
                throw Params.wrong("stop", value, expected);
            }
            stops.add(one.textValue());
        }
        return stops;
    }
}
