package io.lorikeet.engine.generation;

import io.lorikeet.engine.checkpoint.GenerationConfig;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** The tokens that end an answer: those of the template and those that the model names itself. */
public final class StopTokens {
    private StopTokens() {}

    /** Reads them for a model directory. */
    public static Set<Integer> of(Path model, ModelConfig config, Qwen2Tokenizer tokenizer) {
        Set<Integer> tokens = new HashSet<>(tokenizer.stopTokenIds());
        tokens.addAll(GenerationConfig.read(model.resolve("generation_config.json"), config)
                .eosTokenIds());
        return Set.copyOf(tokens);
    }
}
