package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.generation.Penalties;
import io.lorikeet.engine.generation.Prompt;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.http.JsonBody;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads what chat and text completions have in common. What is unknown is refused, and so is what this service does not do.
 *
 * @param <F> the parameters of one kind of them
 */
final class CompletionReader<F extends Record> {
    static final int MAX_CHOICES = 64;

    private final String subject;
    private final RecordShape<F> shape;
    private final NeutralParameters neutral;
    private final GenerationConfig defaults;

    /** @param defaults sampling where a request says nothing, as the model's makers recommend */
    CompletionReader(String subject, Class<F> fields, NeutralParameters neutral, GenerationConfig defaults) {
        this.subject = subject;
        this.shape = RecordShape.of(fields);
        this.neutral = neutral;
        this.defaults = defaults;
    }

    /**
     * Reads a body's parameters.
     *
     * @throws io.lorikeet.contracts.ContractException naming every problem
     */
    F read(byte[] body) {
        return read(object(body));
    }

    /** A body as JSON. */
    ObjectNode object(byte[] body) {
        return JsonBody.object(body, subject, "{\"model\": …}");
    }

    /** The same of a body's JSON. */
    F read(ObjectNode object) {
        var reader = new RecordReader(subject);
        neutral.check(object, reader);
        return reader.read(shape, object, neutral.names());
    }

    /**
     * Puts a request together.
     *
     * @param maxNewTokens of each answer
     * @param logprobs how many likely tokens to name; empty: no log-probabilities
     */
    CompletionRequest request(CommonFields fields, List<Prompt> prompts, int maxNewTokens, OptionalInt logprobs) {
        int n = Objects.requireNonNullElse(fields.n(), 1);
        if (n > MAX_CHOICES / prompts.size()) {
            throw CommonFields.broken(
                    "n", "is " + n, "so many that there are at most " + MAX_CHOICES + " answers in all");
        }
        return new CompletionRequest(
                fields.model(),
                prompts,
                n,
                sampling(fields, maxNewTokens, logprobs),
                ToolUse.NONE,
                fields.streams(),
                fields.includesUsage());
    }

    private SamplingParams sampling(CommonFields fields, int maxNewTokens, OptionalInt logprobs) {
        var greedy = !defaults.doSample().orElse(true);
        double temperature = fields.temperature() != null
                ? fields.temperature()
                : greedy ? 0 : defaults.temperature().orElse(1.0);
        int topK = Objects.requireNonNullElse(fields.topK(), defaults.topK().orElse(0));
        // who asks for the likeliest tokens means the model's own
        double repetition =
                temperature == 0 ? 1.0 : defaults.repetitionPenalty().orElse(1.0);
        return new SamplingParams(
                temperature,
                Objects.requireNonNullElse(fields.topP(), defaults.topP().orElse(1.0)),
                Math.max(topK, 0),
                Objects.requireNonNullElse(fields.minP(), 0.0),
                new Penalties(
                        Objects.requireNonNullElse(fields.repetitionPenalty(), repetition),
                        Objects.requireNonNullElse(fields.presencePenalty(), 0.0),
                        Objects.requireNonNullElse(fields.frequencyPenalty(), 0.0)),
                maxNewTokens,
                fields.stop(),
                fields.seed() == null ? OptionalLong.empty() : OptionalLong.of(fields.seed()),
                logprobs,
                Optional.empty());
    }
}
