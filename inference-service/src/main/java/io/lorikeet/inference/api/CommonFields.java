package io.lorikeet.inference.api;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.shape.Setting;
import java.util.List;

/** What chat and text completions have in common, by OpenAI's and vLLM's names. Null is what the request does not say. */
record CommonFields(
        @Setting(doc = "The base's id, or an adapter's name.", required = true)
        String model,

        @Setting(doc = "0 always takes the likeliest token.", min = 0, max = 2)
        Double temperature,

        @Setting(
                doc = "Draws from the likeliest tokens that have so much probability together.",
                min = 0,
                aboveMin = true,
                max = 1)
        Double topP,

        @Setting(doc = "Draws from so many of the likeliest tokens; 0 and -1: from all.", min = -1)
        Integer topK,

        @Setting(doc = "Leaves out tokens less likely than this part of the likeliest.", min = 0, max = 1)
        Double minP,

        @Setting(doc = "Above 1 what was said becomes less likely.", min = 0, aboveMin = true, max = 10)
        Double repetitionPenalty,

        @Setting(doc = "Taken off what was said.", min = -2, max = 2)
        Double presencePenalty,

        @Setting(doc = "Taken off what was said, as often as it was.", min = -2, max = 2)
        Double frequencyPenalty,

        @Setting(doc = "Most tokens of an answer.", min = 1) Integer maxTokens,

        @Setting(doc = "Texts that end an answer.", single = true)
        List<String> stop,

        @Setting(doc = "The same seed draws the same.") Long seed,

        @Setting(doc = "Answers to each prompt.", min = 1) Integer n,

        @Setting(doc = "Whether the answer comes as server-sent events.")
        Boolean stream,

        @Setting(doc = "More about those.") StreamOptions streamOptions) {
    private static final int MAX_STOPS = 16;

    /** What a stream has beside the answer. */
    record StreamOptions(
            @Setting(doc = "Whether it ends with the tokens that were used.")
            Boolean includeUsage,

            @Setting(doc = "Whether events are padded.") Boolean includeObfuscation) {
        StreamOptions {
            if (includeObfuscation != null && includeObfuscation) {
                throw broken("include_obfuscation", "is not supported", "false, or nothing");
            }
        }
    }

    CommonFields {
        stop = stop == null ? List.of() : List.copyOf(stop);
        if (stop.size() > MAX_STOPS || stop.contains("")) {
            throw broken("stop", "has an empty text, or too many", "up to " + MAX_STOPS + " texts, none empty");
        }
    }

    boolean streams() {
        return stream != null && stream;
    }

    boolean includesUsage() {
        return streamOptions != null && streamOptions.includeUsage() != null && streamOptions.includeUsage();
    }

    static ContractException broken(String field, String problem, String expected) {
        return new ContractException("request", new Problem(field, problem, expected));
    }
}
