package io.lorikeet.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.model.Architecture;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.RopeScaling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
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
                        new RopeScaling.None(),
                        Collections.nCopies(28, 0),
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

    /** As Qwen2.5's model card tells people to add it. */
    @Test
    void readsYarnAndHasThePositionsThatItGives() {
        ModelConfig config = read(QWEN25_7B.replace(
                "\"use_cache\"",
                "\"rope_scaling\": {\"factor\": 4.0, \"original_max_position_embeddings\": 32768, \"type\": \"yarn\"},"
                        + " \"use_cache\""));

        assertThat(config.ropeScaling())
                .isEqualTo(new RopeScaling.Yarn(4, 32768, 32, 1, 0.1 * StrictMath.log(4) + 1, true));
        assertThat(config.maxPositionEmbeddings()).isEqualTo(131072);
        assertThat(config.ropeTheta()).isEqualTo(1e6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"attention_factor\": 1.5                    | 1.5",
                "\"mscale\": 0.5, \"mscale_all_dim\": 1.0      | 0.9391244",
                "\"mscale\": 0.5                              | 1.1386294",
            })
    void readsTheAttentionFactorAsTransformersDoes(String fields, double expected) {
        ModelConfig config = read(QWEN25_7B.replace("\"rope_theta\": 1000000.0", """
                "rope_parameters": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1e6, %s}""".formatted(fields)));

        assertThat(config.ropeScaling().attentionFactor()).isCloseTo(expected, within(1e-6));
    }

    @Test
    void takesTransformersBaseOfFrequenciesIfTheFileNamesNone() {
        assertThat(read(QWEN25_7B.replace("\"rope_theta\": 1000000.0,", "")).ropeTheta())
                .isEqualTo(1e4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"attention_bias", "mlp_bias"})
    void refusesALlamaWithBiases(String field) throws IOException {
        String json = Files.readString(Golden.model("llama3-tiny").resolve("config.json"))
                .replace("\"" + field + "\": false", "\"" + field + "\": true");

        assertThatThrownBy(() -> read(json))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(field + ": expected false (LlamaForCausalLM is supported without biases)");
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
                "\"model_type\": \"qwen2\"        | \"model_type\": \"mixtral\"              | model_type: expected one of qwen2, qwen3, llama, mistral (dense decoders; mixtures of experts and linear attention are not supported), found mixtral",
                "Qwen2ForCausalLM               | LlamaForCausalLM                      | architectures: expected [\"Qwen2ForCausalLM\"]",
                "\"use_cache\": true              | \"layer_types\": [\"sliding_attention\"]  | layer_types: expected one for each of 28 layers, found 1",
                "\"use_cache\": true              | \"rope_scaling\": {\"type\": \"dynamic\"}   | rope_scaling.rope_type: expected default, yarn or llama3, found dynamic",
                "\"use_cache\": true              | \"rope_scaling\": {\"factor\": 4.0}       | rope_scaling.rope_type: expected default, yarn or llama3, found none",
                "\"use_cache\": true              | \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 0.5} | factor: expected a number from 1, found 0.5",
                "\"use_cache\": true              | \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 2}, \"rope_parameters\": {\"rope_type\": \"default\"} | rope_scaling: expected none beside rope_parameters",
                "\"rope_theta\": 1000000.0        | \"rope_parameters\": {\"rope_type\": \"llama3\", \"rope_theta\": 1e6} | rope_parameters.factor: expected a number, found none",
                "\"rope_theta\": 1000000.0        | \"rope_parameters\": {\"full_attention\": {\"rope_theta\": 1e6}} | rope_parameters.full_attention: expected no object",
                "\"rope_theta\": 1000000.0        | \"rope_parameters\": {\"partial_rotary_factor\": 0.5, \"rope_theta\": 1e6} | partial_rotary_factor: expected 1.0",
                "\"rope_theta\": 1000000.0        | \"rope_theta\": \"high\"                  | rope_theta: expected a number, found \"high\"",
                "\"silu\"                         | \"gelu\"                                | hidden_act: expected silu",
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

    @Test
    void aWindowThatTouchesNoLayerIsNone() {
        assertThat(read(QWEN25_7B.replace("\"use_sliding_window\": false", "\"use_sliding_window\": true"))
                        .windows())
                .containsOnly(0);
    }

    @Test
    void readsWhichLayersHaveAWindow() throws IOException {
        String json = Files.readString(Golden.model("qwen2-sliding").resolve("config.json"));

        assertThat(read(json).windows()).containsExactly(0, 0, 12, 12);
        assertThat(read(json.replace("\"max_window_layers\": 2", "\"max_window_layers\": 1"))
                        .windows())
                .as("layer_types go first")
                .containsExactly(0, 0, 12, 12);
        assertThat(read(json.replace("layer_types", "no_types").replace("_layers\": 2", "_layers\": 1"))
                        .windows())
                .containsExactly(0, 12, 12, 12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"sliding_window\": 255      | 255",
                "\"no_sliding_window\": null  | 4096",
                "\"sliding_window\": null     | 0",
            })
    void readsTheWindowOfAMistral(String window, int expected) throws IOException {
        String json = Files.readString(Golden.model("mistral-tiny").resolve("config.json"))
                .replace("\"sliding_window\": null", window);

        assertThat(read(json).windows()).containsExactly(expected, expected, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "qwen2-sliding | \"use_sliding_window\": true   | \"use_sliding_window\": false | layer_types: expected full_attention in every layer, as use_sliding_window is not true",
                "qwen2-sliding | \"full_attention\"             | \"linear_attention\"          | layer_types: expected full_attention or sliding_attention, found linear_attention",
                "qwen2-sliding | \"sliding_window\": 12           | \"sliding_window\": 0           | sliding_window: expected a whole number from 1, found 0",
                "mistral-tiny  | \"use_cache\": true            | \"layer_types\": [\"full_attention\", \"sliding_attention\", \"full_attention\"] | layer_types: expected full_attention in every layer of MistralForCausalLM",
            })
    void refusesLayerTypesThatItWouldComputeWrongly(String golden, String original, String changed, String message)
            throws IOException {
        String json = Files.readString(Golden.model(golden).resolve("config.json"));
        assertThat(json).contains(original);

        assertThatThrownBy(() -> read(json.replace(original, changed)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
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
