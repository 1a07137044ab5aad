package io.lorikeet.benchmarks.model;

import static org.assertj.core.api.Assertions.assertThat;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.generation.GenerationRequest;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.generation.SamplingParams;
import io.lorikeet.engine.gguf.GgufModel;
import io.lorikeet.engine.gguf.GgufWriter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.tokenizer.ChatMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** llama.cpp reads our files and says what our engine says: so both are measured at the same work. */
class GgufTest {
    private static final int TOKENS = 12;

    @TempDir
    Path folder;

    private Path model;
    private String question = "and then?";
    /** What the model's own template puts before. */
    private String before = "";

    @BeforeEach
    void writeModel() {
        model = RandomModel.write(folder.resolve("model"), Geometry.TINY, 1);
    }

    @Test
    void theModelIsTheSame() {
        Gguf.write(model, folder.resolve("model.gguf"), Optional.of(GgufWriter.Type.F32));

        assertThat(llamaCpp(Optional.empty())).isEqualTo(engine(false));
    }

    @Test
    void theAdapterIsTheSame() {
        Gguf.write(model, folder.resolve("model.gguf"), Optional.of(GgufWriter.Type.F32));
        var adapter = RandomModel.adapter(lora(), ConfigReader.read(model.resolve("config.json")), 0);
        Gguf.write(adapter, folder.resolve("lora.gguf"));

        assertThat(llamaCpp(Optional.of(folder.resolve("lora.gguf"))))
                .isEqualTo(engine(true))
                .isNotEqualTo(engine(false));
    }

    /** With the project's own tokenizer, merges and template; in 8 bits it has to know still who it is. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "Q8_0"})
    void aModelThatSpeaksSaysTheSame(GgufWriter.Type type) {
        model = Path.of("../models/fledgling");
        question = "你是谁?";
        before = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n";
        GgufModel.write(model, folder.resolve("model.gguf"), Optional.of(type));

        String answer = llamaCpp(Optional.empty(), false);

        assertThat(answer).isNotBlank().isEqualTo(engine(false));
    }

    private static LoraConfig lora() {
        return new LoraConfig(8, 256, 0, LoraConfig.allLinear(), false);
    }

    private String llamaCpp(Optional<Path> adapter) {
        return llamaCpp(adapter, true);
    }

    /** @param goesOn whether it goes on after its answer has ended, as a model that means nothing has to */
    private String llamaCpp(Optional<Path> adapter, boolean goesOn) {
        var parameters = new ModelParameters()
                .setModel(folder.resolve("model.gguf").toString())
                .setThreads(1)
                .setCtxSize(256)
                .disableLog();
        adapter.ifPresent(file -> parameters.addLoraAdapter(file.toString()));
        try (var llama = new LlamaModel(parameters)) {
            return llama.complete(new InferenceParameters(
                            before + "<|im_start|>user\n" + question + "<|im_end|>\n<|im_start|>assistant\n")
                    .setTemperature(0)
                    .setNPredict(TOKENS)
                    .setIgnoreEos(goesOn));
        }
    }

    private String engine(boolean adapted) {
        try (var engine = InferenceEngine.start(
                new InferenceOptions(model, Device.CPU, DType.F32, Batching.of(1, 256), new Loras(1, 1, 8)))) {
            if (adapted) {
                engine.activate("lora", "1", RandomModel.adapter(lora(), engine.config(), 0), Optional.empty())
                        .join();
            }
            return engine.answer(GenerationRequest.chat(
                            "one",
                            List.of(ChatMessage.user(question)),
                            adapted ? Optional.of("lora") : Optional.empty(),
                            SamplingParams.greedy(TOKENS)))
                    .join()
                    .text();
        }
    }
}
