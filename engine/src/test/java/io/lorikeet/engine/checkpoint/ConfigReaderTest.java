package io.lorikeet.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.model.Architecture;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
    /** config.json of Qwen2.5-7B-Instruct. */
    private static final String QWEN25_7B = """
            {
              "architectures": ["Qwen2ForCausalLM"],
              "attention_dropout": 0.0,
              "bos_token_id": 151643,
              "eos_token_id": 151645,
              "hidden_act": "silu",
              "hidden_size": 3584,
              "initializer_range": 0.02,
              "intermediate_size": 18944,
              "max_position_embeddings": 32768,
              "max_window_layers": 28,
              "model_type": "qwen2",
              "num_attention_heads": 28,
              "num_hidden_layers": 28,
              "num_key_value_heads": 4,
              "rms_norm_eps": 1e-06,
              "rope_theta": 1000000.0,
              "sliding_window": 131072,
              "tie_word_embeddings": false,
              "torch_dtype": "bfloat16",
              "transformers_version": "4.43.1",
              "use_cache": true,
              "use_sliding_window": false,
              "vocab_size": 152064
            }
            """;

    @TempDir
    private Path temp;

    @Test
    void readsTheConfigurationOfQwen25() {
        ModelConfig config = read(QWEN25_7B);

        assertThat(config)
                .isEqualTo(new ModelConfig(
                        Architecture.QWEN2,
                        152064,
                        3584,
                        18944,
                        28,
                        28,
                        4,
                        128,
                        1e-6,
                        1e6,
                        false,
                        32768,
                        DType.BF16,
                        List.of(151645),
                        Optional.of(151643),
                        Optional.empty()));
        assertThat(config.keyValueSize()).isEqualTo(512);
        assertThat(config.attentionSize()).isEqualTo(3584);
    }

    @Test
    void readsTheNewerSpellingOfRopeAndDtype() {
        ModelConfig config = read(QWEN25_7B
                .replace(
                        "\"rope_theta\": 1000000.0",
                        "\"rope_parameters\": {\"rope_theta\": 5e5, \"rope_type\": \"default\"}")
                .replace("torch_dtype", "dtype")
                .replace("bfloat16", "float16"));

        assertThat(config.ropeTheta()).isEqualTo(5e5);
        assertThat(config.dtype()).isEqualTo(DType.F16);
    }

    @Test
    void readsSeveralEndsOfAnAnswer() {
        assertThat(read(QWEN25_7B.replace("\"eos_token_id\": 151645", "\"eos_token_id\": [151645, 151643]"))
                        .eosTokenIds())
                .containsExactly(151645, 151643);
    }

    @Test
    void takesTheHeadSizeThatTheFileNames() {
        ModelConfig config =
                read(QWEN25_7B.replace("\"hidden_size\": 3584", "\"hidden_size\": 3000, \"head_dim\": 64"));

        assertThat(config.headDim()).isEqualTo(64);
        assertThat(config.attentionSize()).isEqualTo(1792);
    }

    @Test
    void acceptsARopeScalingThatSaysDefault() {
        assertThat(read(QWEN25_7B.replace("\"use_cache\"", "\"rope_scaling\": {\"type\": \"default\"}, \"use_cache\""))
                        .ropeTheta())
                .isEqualTo(1e6);
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"model_type\": \"qwen2\"        | \"model_type\": \"llama\"                | model_type: expected qwen2 or mistral, found llama",
                "Qwen2ForCausalLM               | LlamaForCausalLM                      | architectures: expected [\"Qwen2ForCausalLM\"]",
                "\"use_sliding_window\": false    | \"use_sliding_window\": true            | use_sliding_window: expected false",
                "\"use_cache\": true              | \"layer_types\": [\"sliding_attention\"]  | layer_types: expected full_attention",
                "\"use_cache\": true              | \"rope_scaling\": {\"type\": \"yarn\"}      | rope_scaling: expected rope_type default",
                "\"use_cache\": true              | \"rope_scaling\": {\"factor\": 4.0}       | rope_scaling: expected rope_type default",
                "\"rope_theta\": 1000000.0        | \"rope_parameters\": {\"rope_type\": \"llama3\", \"rope_theta\": 1e6} | rope_parameters: expected rope_type default",
                "\"rope_theta\": 1000000.0        | \"rope_parameters\": {\"partial_rotary_factor\": 0.5, \"rope_theta\": 1e6} | partial_rotary_factor: expected 1.0",
                "\"rope_theta\": 1000000.0        | \"no_theta\": 1                         | rope_theta: expected a number",
                "\"silu\"                         | \"gelu\"                                | hidden_act: expected silu",
                "\"use_cache\": true              | \"quantization_config\": {\"quant_method\": \"awq\"} | quantization_config: expected none",
                "\"hidden_size\": 3584            | \"hidden_size\": 3585                   | hidden_size: expected a multiple of num_attention_heads 28, found 3585",
                "\"num_key_value_heads\": 4       | \"num_key_value_heads\": 5              | num_attention_heads: expected a multiple of num_key_value_heads 5, found 28",
                "\"use_cache\": true              | \"head_dim\": 127                       | head_dim: expected an even number",
                "\"vocab_size\": 152064           | \"vocab_size\": \"152064\"                | vocab_size: expected a whole number from 1, found \"152064\"",
                "\"vocab_size\": 152064           | \"vocabulary\": 152064                  | vocab_size: expected a whole number from 1, found none",
                "\"num_hidden_layers\": 28        | \"num_hidden_layers\": 0                | num_hidden_layers: expected a whole number from 1, found 0",
                "\"rms_norm_eps\": 1e-06          | \"rms_norm_eps\": -1                    | rms_norm_eps: expected a number in (0, 1)",
                "\"bfloat16\"                     | \"int8\"                                | torch_dtype: expected float32, bfloat16 or float16, found int8",
                "\"eos_token_id\": 151645         | \"eos_token_id\": \"</s>\"          | eos_token_id: expected a token id",
            })
    void refusesWhatItWouldComputeWrongly(String original, String changed, String message) {
        assertThat(QWEN25_7B).contains(original.strip());

        assertThatThrownBy(() -> read(QWEN25_7B.replace(original.strip(), changed.strip())))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(temp.resolve("config.json").toString())
                .hasMessageContaining(message);
    }

    @Test
    void readsAnArchitectureWithoutBiases() {
        ModelConfig config = ConfigReader.read(Golden.model("mistral-tiny").resolve("config.json"));

        assertThat(config.architecture()).isEqualTo(Architecture.MISTRAL);
        assertThat(DecoderLayout.of(config).shapes().keySet())
                .contains("model.layers.2.self_attn.q_proj.weight")
                .noneMatch(name -> name.endsWith(".bias"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"sliding_window\": 255", "\"no_sliding_window\": null"})
    void refusesAMistralWithAWindow(String window) throws IOException {
        String json = Files.readString(Golden.model("mistral-tiny").resolve("config.json"))
                .replace("\"max_position_embeddings\": 256", "\"max_position_embeddings\": 32768")
                .replace("\"sliding_window\": null", window);

        assertThatThrownBy(() -> read(json))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("sliding_window: expected null or max_position_embeddings");
    }

    @Test
    void refusesAFileThatIsNoJson() {
        assertThatThrownBy(() -> read("{"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not valid JSON");
    }

    @Test
    void takesTheEndOfAnAnswerFromTheGenerationConfigFirst() throws IOException {
        Path file = Files.writeString(temp.resolve("generation_config.json"), """
                {"do_sample": true, "eos_token_id": [151645, 151643], "pad_token_id": 151643,
                 "repetition_penalty": 1.05, "temperature": 0.7, "top_p": 0.8, "top_k": 20}""");

        assertThat(GenerationConfig.read(file, read(QWEN25_7B)))
                .isEqualTo(new GenerationConfig(
                        List.of(151645, 151643),
                        Optional.of(151643),
                        Optional.empty(),
                        Optional.of(true),
                        Optional.of(0.7),
                        Optional.of(0.8),
                        Optional.of(20),
                        Optional.of(1.05)));
    }

    @Test
    void doesWithoutAGenerationConfig() {
        GenerationConfig generation = GenerationConfig.read(temp.resolve("generation_config.json"), read(QWEN25_7B));

        assertThat(generation.eosTokenIds()).containsExactly(151645);
        assertThat(generation.temperature()).isEmpty();
    }

    @Test
    void refusesAGenerationConfigWithAWrongValue() throws IOException {
        Path file = Files.writeString(temp.resolve("generation_config.json"), "{\"temperature\": \"warm\"}");

        assertThatThrownBy(() -> GenerationConfig.read(file, read(QWEN25_7B)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("temperature: expected a number, found \"warm\"");
    }

    private ModelConfig read(String json) {
        try {
            return ConfigReader.read(Files.writeString(temp.resolve("config.json"), json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
