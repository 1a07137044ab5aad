package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.ModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What generation_config.json says, by Hugging Face's names: the sampling defaults that a model's makers recommend. The file
 * is optional; without it, or where it says nothing of the end of an answer, config.json's eos_token_id holds.
 */
public record GenerationConfig(
        List<Integer> eosTokenIds,
        Optional<Integer> padTokenId,
        Optional<Integer> maxNewTokens,
        Optional<Boolean> doSample,
        Optional<Double> temperature,
        Optional<Double> topP,
        Optional<Integer> topK,
        Optional<Double> repetitionPenalty) {
    public GenerationConfig {
        eosTokenIds = List.copyOf(eosTokenIds);
    }

    public static GenerationConfig read(Path file, ModelConfig config) {
        if (!Files.exists(file)) {
            return new GenerationConfig(
                    config.eosTokenIds(),
                    config.padTokenId(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
        JsonFile json = JsonFile.read(file);
        List<Integer> eos = json.tokenIds("eos_token_id");
        return new GenerationConfig(
                eos.isEmpty() ? config.eosTokenIds() : eos,
                json.optionalInt("pad_token_id").or(config::padTokenId),
                json.optionalInt("max_new_tokens"),
                json.optionalBoolean("do_sample"),
                json.optionalNumber("temperature"),
                json.optionalNumber("top_p"),
                json.optionalInt("top_k"),
                json.optionalNumber("repetition_penalty"));
    }
}
