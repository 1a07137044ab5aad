package io.lorikeet.inference.api;

import static io.lorikeet.inference.api.CommonFields.broken;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import java.util.List;
import java.util.OptionalInt;

/** Reads OpenAI's (text) completion request. */
final class TextRequestReader {
    /** OpenAI's. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    record Fields(
            CommonFields common,

            @Setting(doc = "The texts to go on with.", required = true, single = true)
            List<String> prompt,

            @Setting(doc = "How many likely tokens come with each.", min = 0, max = SamplingParams.MAX_LOGPROBS)
            Integer logprobs) {
        Fields {
            prompt = List.copyOf(prompt);
            if (prompt.isEmpty() || prompt.size() > CompletionReader.MAX_CHOICES || prompt.contains("")) {
                throw broken(
                        "prompt",
                        "is empty, or too many",
                        "a text, or 1 to " + CompletionReader.MAX_CHOICES + " texts, none empty");
            }
        }
    }

    private final CompletionReader<Fields> reader;

    /** @param defaults sampling where a request says nothing, as the model's makers recommend */
    TextRequestReader(GenerationConfig defaults) {
        this.reader = new CompletionReader<>("completion", Fields.class, NeutralParameters.ofTexts(), defaults);
    }

    /**
     * Reads a body.
     *
     * @throws ContractException naming the parameters that are wrong
     */
    CompletionRequest read(byte[] body) {
        var fields = reader.read(body);
        var maxTokens = fields.common().maxTokens();
        return reader.request(
                fields.common(),
                fields.prompt().stream().<Prompt>map(Prompt.Text::new).toList(),
                maxTokens == null ? DEFAULT_MAX_TOKENS : maxTokens,
                fields.logprobs() == null ? OptionalInt.empty() : OptionalInt.of(fields.logprobs()));
    }
}
