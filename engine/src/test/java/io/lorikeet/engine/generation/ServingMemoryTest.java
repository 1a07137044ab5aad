package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.engine.program.OutOfMemoryException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine takes of its device, and what it says when that is not there. */
class ServingMemoryTest {
    private static final String QWEN_2_5_7B = """
            {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 3584,
             "intermediate_size": 18944, "max_position_embeddings": 32768, "num_attention_heads": 28,
             "num_hidden_layers": 28, "num_key_value_heads": 4, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
             "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 152064}
            """;

    @TempDir
    private Path directory;

    private ModelConfig config;

    @BeforeEach
    void read() throws Exception {
        config = ConfigReader.read(Files.writeString(directory.resolve("config.json"), QWEN_2_5_7B));
    }

    private ServingMemory memory(int sequences, int tokens, Loras loras) {
        return memory(Device.of("cuda:0"), sequences, tokens, loras);
    }

    private ServingMemory memory(Device device, int sequences, int tokens, Loras loras) {
        return ServingMemory.of(
                config, new InferenceOptions(directory, device, DType.BF16, Batching.of(sequences, tokens), loras));
    }

    @Test
    void partsAreWhatTheFormulasOfTheManualGive() {
        ServingMemory memory = memory(16, 4096, new Loras(8, 64, 16));

        assertThat(memory.weights()).isEqualTo(15_231_233_024L);
        assertThat(memory.cache()).isEqualTo(3_759_013_888L + 234_881_024L);
        assertThat(memory.adapters()).isEqualTo(1_106_509_824L);
        assertThat(memory(Device.CPU, 16, 4096, new Loras(8, 64, 16)).adapters())
                .isEqualTo(726_663_168L);
    }

    @Test
    void eachSettingThatWouldBeEnoughIsNamedWithItsValue() {
        String advice = memory(16, 4096, new Loras(8, 64, 64)).advice(free(22));

        assertThat(advice)
                .isEqualTo(
                        "cuda:0 has too little memory: about 22.0 GiB are needed (weights 14.2, cache 3.7, adapters 4.1)"
                                + " and 22.0 were free; one of these would be enough: max_num_seqs 5 instead of 16,"
                                + " max_model_len 1408 instead of 4096, max_lora_rank 29 instead of 64, quantization int8");
    }

    @Test
    void aModelThatComesQuantisedNeedsLessAndIsNotQuantisedAgain() throws Exception {
        Files.writeString(
                directory.resolve("config.json"),
                QWEN_2_5_7B.replace(
                        "\"vocab_size\"",
                        "\"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 8, \"group_size\": 128}, \"vocab_size\""));
        ServingMemory memory = memory(16, 4096, new Loras(8, 64, 64));

        assertThat(memory.weights()).isLessThan(15_231_233_024L * 6 / 10);
        assertThat(memory.advice(free(12))).contains("max_lora_rank").doesNotContain("quantization");
    }

    @Test
    void whatIsProposedFitsAndTheNextWouldNot() {
        Optional<DeviceMemory> free = free(20);
        String advice = memory(16, 4096, new Loras(8, 64, 16)).advice(free);
        int proposed = Integer.parseInt(advice.replaceAll(".*max_num_seqs (\\d+) instead of 16.*", "$1"));
        double usable = free.orElseThrow().free() * 0.9;

        assertThat(memory(proposed, 4096, new Loras(8, 64, 16)).total()).isLessThanOrEqualTo((long) usable);
        assertThat(memory(proposed + 1, 4096, new Loras(8, 64, 16)).total()).isGreaterThan((long) usable);
    }

    @Test
    void whereNoSettingAloneIsEnoughASmallerModelIsProposed() {
        assertThat(memory(16, 4096, Loras.DEFAULT).advice(free(4)))
                .endsWith("lower max_num_seqs, max_model_len and max_lora_rank together, or take a smaller model");
    }

    @Test
    void anEngineThatDoesNotFitSaysSo() {
        // more than any process can address, so that no system promises it
        var options = InferenceOptions.of(Path.of("..", "models", "fledgling"), Device.CPU)
                .with(new Batching(4, 1024, 8, 8, Batching.DEFAULT.maxQueueTime(), 1 << 30, 1024, 0));

        assertThatThrownBy(() -> InferenceEngine.start(options))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageStartingWith("cpu has too little memory: about ")
                .hasMessageContaining(" were free; ");
    }

    private static Optional<DeviceMemory> free(int gibibytes) {
        long bytes = (long) gibibytes << 30;
        return Optional.of(new DeviceMemory(bytes, bytes));
    }
}
