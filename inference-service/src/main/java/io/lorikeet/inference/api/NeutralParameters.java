package io.lorikeet.inference.api;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.shape.RecordReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Predicate;

/**
 * Parameters that are not supported. Clients send them all the same, at values that change no answer; those pass. At any
 * other value they are refused by name: a parameter without effect would be a lie.
 */
final class NeutralParameters {
    /**
     * Which values change nothing.
     *
     * @param passes never asked about null, which is a parameter that was not given
     * @param inWords those values
     */
    record Neutral(Predicate<JsonNode> passes, String inWords) {
        static Neutral anything() {
            return new Neutral(_ -> true, "");
        }

        /** Null alone, which every client may send for what it does not use. */
        static Neutral nothing() {
            return new Neutral(_ -> false, "null");
        }

        static Neutral flag(boolean value) {
            return new Neutral(found -> found.isBoolean() && found.booleanValue() == value, String.valueOf(value));
        }

        static Neutral number(int value) {
            return new Neutral(found -> found.isNumber() && found.doubleValue() == value, String.valueOf(value));
        }

        static Neutral text(String... values) {
            var words = new StringJoiner(" or ");
            for (var value : values) {
                words.add("\"" + value + "\"");
            }
            return new Neutral(
                    found -> found.isTextual() && Set.of(values).contains(found.textValue()), words.toString());
        }

        static Neutral emptyList() {
            return new Neutral(found -> found.isArray() && found.isEmpty(), "[]");
        }

        static Neutral emptyObject() {
            return new Neutral(found -> found.isObject() && found.isEmpty(), "{}");
        }
    }

    /** Those of chat and text completions alike: notes to the provider, and what other servers add. */
    private static final Map<String, Neutral> COMMON = Map.ofEntries(
            entry("user", Neutral.anything()),
            entry("metadata", Neutral.anything()),
            entry("store", Neutral.anything()),
            entry("service_tier", Neutral.anything()),
            entry("safety_identifier", Neutral.anything()),
            entry("prompt_cache_key", Neutral.anything()),
            entry("prompt_cache_retention", Neutral.anything()),
            entry("logit_bias", new Neutral(NeutralParameters::withoutBias, "{}")),
            entry("best_of", Neutral.number(1)),
            entry("echo", Neutral.flag(false)),
            entry("ignore_eos", Neutral.flag(false)),
            entry("min_tokens", Neutral.number(0)),
            entry("length_penalty", Neutral.number(1)),
            entry("use_beam_search", Neutral.flag(false)),
            entry("skip_special_tokens", Neutral.flag(true)),
            entry("include_stop_str_in_output", Neutral.flag(false)));

    private static final Map<String, Neutral> CHAT = Map.ofEntries(
            entry("audio", Neutral.nothing()),
            entry("web_search_options", Neutral.nothing()),
            entry("functions", Neutral.emptyList()),
            entry("function_call", Neutral.text("none", "auto")),
            entry("modalities", new Neutral(NeutralParameters::textAlone, "[\"text\"]")),
            entry("reasoning_effort", Neutral.text("none")),
            entry("verbosity", Neutral.text("medium")),
            // a guess that may save time
            entry("prediction", Neutral.anything()),
            entry("add_generation_prompt", Neutral.flag(true)),
            entry("continue_final_message", Neutral.flag(false)),
            entry("chat_template_kwargs", Neutral.emptyObject()));

    private static final Map<String, Neutral> TEXT = Map.of("suffix", Neutral.text(""));

    private final Map<String, Neutral> parameters;

    private NeutralParameters(Map<String, Neutral> own) {
        var all = new HashMap<>(COMMON);
        all.putAll(own);
        this.parameters = Map.copyOf(all);
    }

    static NeutralParameters ofChats() {
        return new NeutralParameters(CHAT);
    }

    static NeutralParameters ofTexts() {
        return new NeutralParameters(TEXT);
    }

    Set<String> names() {
        return parameters.keySet();
    }

    /** Reports those that would change the answer. */
    void check(ObjectNode request, RecordReader reader) {
        request.properties().forEach(property -> {
            var neutral = parameters.get(property.getKey());
            var value = property.getValue();
            if (neutral != null && !value.isNull() && !neutral.passes().test(value)) {
                reader.problem(new Problem(
                        property.getKey(), "is not supported with this value", neutral.inWords() + ", or nothing"));
            }
        });
    }

    private static boolean withoutBias(JsonNode bias) {
        return bias.isObject() && bias.valueStream().allMatch(each -> each.isNumber() && each.doubleValue() == 0);
    }

    private static boolean textAlone(JsonNode modalities) {
        return modalities.isArray()
                && !modalities.isEmpty()
                && modalities.valueStream().allMatch(each -> "text".equals(each.textValue()));
    }
}
