package io.lorikeet.engine.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraConfigTest {
    /** Three layers. */
    private static final ModelConfig BASE =
            ConfigReader.read(Golden.model("qwen2-tiny").resolve("config.json"));

    @Test
    void readsTheLeastThatPeftNeeds() {
        LoraConfig config = parse("\"target_modules\": [\"v_proj\", \"q_proj\"]");

        assertThat(config)
                .isEqualTo(new LoraConfig(8, 32, 0, EnumSet.of(LinearModule.Q_PROJ, LinearModule.V_PROJ), false));
        assertThat(config.scale()).isEqualTo(4.0);
    }

    @Test
    void dividesByTheRootOfTheRankWithRankStabilisedLora() {
        LoraConfig config = parse("\"target_modules\": [\"q_proj\"], \"use_rslora\": true");

        assertThat(config.scale()).isCloseTo(32 / Math.sqrt(8), within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\"all-linear\"                                 ; Q_PROJ,K_PROJ,V_PROJ,O_PROJ,GATE_PROJ,UP_PROJ,DOWN_PROJ",
                "\"ALL-LINEAR\"                                 ; Q_PROJ,K_PROJ,V_PROJ,O_PROJ,GATE_PROJ,UP_PROJ,DOWN_PROJ",
                "[\"self_attn.o_proj\", \"down_proj\"]          ; O_PROJ,DOWN_PROJ",
                "\".*\\\\.(k_proj|up_proj)\"                    ; K_PROJ,UP_PROJ",
                "\"model\\\\.layers\\\\.\\\\d+\\\\.mlp\\\\..*\" ; GATE_PROJ,UP_PROJ,DOWN_PROJ",
                "\"^(model)(?!.*(lm_head|embed_tokens|output)).*\" ; Q_PROJ,K_PROJ,V_PROJ,O_PROJ,GATE_PROJ,UP_PROJ,DOWN_PROJ"
            })
    void matchesTargetModulesAsPeftDoes(String targetModules, String expected) {
        Set<LinearModule> modules = EnumSet.noneOf(LinearModule.class);
        for (String name : expected.split(",", -1)) {
            modules.add(LinearModule.valueOf(name));
        }

        assertThat(parse("\"target_modules\": " + targetModules).targetModules())
                .isEqualTo(modules);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"lm_head\"                             | targets lm_head",
                "[\"q_proj\", \"embed_tokens\"]          | targets model.embed_tokens",
            })
    void refusesTargetsThatItWouldNotHonour(String targetModules, String message) {
        assertRefused(Reason.UNSUPPORTED_CONFIG, "\"target_modules\": " + targetModules, message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[\"c_attn\"]             | [c_attn] name no linear layer of this base model",
                "[\"q_proj\", \"qproj\"]  | [qproj] name no linear layer of this base model",
                "\"transformer\\\\.h.*\"  | matches no linear layer of this base model",
                "[]                       | matches no linear layer of this base model",
            })
    void refusesTargetsThatTheBaseDoesNotHave(String targetModules, String message) {
        assertRefused(Reason.NO_MATCHING_MODULE, "\"target_modules\": " + targetModules, message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"task_type\": \"SEQ_CLS\"                   | task_type: expected CAUSAL_LM",
                "\"bias\": \"all\"                            | bias: expected none or lora_only",
                "\"init_lora_weights\": \"pissa_niter_4\"     | init_lora_weights: expected one that leaves the base",
                "\"fan_in_fan_out\": true                     | fan_in_fan_out = true",
                "\"modules_to_save\": [\"lm_head\"]           | modules_to_save = [\"lm_head\"]",
                "\"layer_replication\": [[0, 2]]              | layer_replication = [[0,2]]",
                "\"trainable_token_indices\": [1]             | trainable_token_indices = [1]",
                "\"something_of_next_year\": {\"a\": 1}       | something_of_next_year = {\"a\":1}",
            })
    void refusesSettingsThatItWouldNotHonour(String setting, String message) {
        assertRefused(Reason.UNSUPPORTED_CONFIG, "\"target_modules\": [\"q_proj\"], " + setting, message);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "\"init_lora_weights\": \"eva\", \"eva_config\": {\"rho\": 2.0}",
                "\"loftq_config\": {\"loftq_bits\": 4}",
                "\"exclude_modules\": [\"lm_head\", \"down_proj\"]",
                "\"exclude_modules\": \".*down_proj\"",
                "\"layers_to_transform\": [2, 1, 0]",
                "\"rank_pattern\": {\"q_proj\": 8, \"down_proj\": 16}",
                "\"alpha_pattern\": {\"down_proj\": 64}",
            })
    void acceptsSettingsThatChangeNothingForThisAdapter(String setting) {
        assertThat(parse("\"target_modules\": [\"q_proj\"], " + setting))
                .isEqualTo(parse("\"target_modules\": [\"q_proj\"]"));
    }

    @Test
    void readsWhatSomeModulesHaveOfTheirOwn() {
        LoraConfig config = parse("\"target_modules\": [\"q_proj\", \"down_proj\"],"
                + " \"rank_pattern\": {\"layers.1.self_attn.q_proj\": 6, \"q_proj\": 2, \"down_proj\": 8},"
                + " \"alpha_pattern\": {\"^model.layers.[02].mlp.down_proj\": 64}");

        assertThat(config.patterns().ranks())
                .as("the first key that matches")
                .isEqualTo(Map.of(query(0), 2, query(1), 6, query(2), 2));
        assertThat(config.patterns().alphas()).isEqualTo(Map.of(down(0), 64.0, down(2), 64.0));
        assertThat(config.scale(query(1))).isEqualTo(32 / 6.0);
        assertThat(config.scale(down(2))).isEqualTo(64 / 8.0);
        assertThat(config.scale(down(1))).isEqualTo(32 / 8.0);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"target_modules\": [\"model.layers.1.self_attn.q_proj\"] | 1",
                "\"target_modules\": \".*layers\\\\.[01]\\\\..*q_proj\" | 0 1",
                "\"target_modules\": [\"q_proj\"], \"layers_to_transform\": [0, 2] | 0 2",
                "\"target_modules\": [\"q_proj\"], \"layers_to_transform\": 0, \"layers_pattern\": \"layers\" | 0",
                "\"target_modules\": [\"q_proj\"], \"layers_to_transform\": [1], \"layers_pattern\": [\"h\", \"layers\"] | 1",
                "\"target_modules\": [\"q_proj\", \"model.layers.0.self_attn.q_proj\"], \"layers_to_transform\": [1] | 0 1",
                "\"target_modules\": [\"q_proj\"], \"exclude_modules\": \".*layers\\\\.2.*\" | 0 1",
                "\"target_modules\": [\"q_proj\", \"v_proj\"], \"exclude_modules\": [\"v_proj\", \"model.layers.0.self_attn.q_proj\"] | 1 2",
            })
    void targetsSomeLayersAloneAsPeftDoes(String settings, String layers) {
        LoraConfig config = parse(settings);

        assertThat(config.targets(3))
                .isEqualTo(Arrays.stream(layers.split(" ", -1))
                        .map(layer -> query(Integer.parseInt(layer)))
                        .collect(Collectors.toSet()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"target_modules\": [\"q_proj\"], \"exclude_modules\": [\"q_proj\"] | NO_MATCHING_MODULE | matches no linear layer",
                "\"target_modules\": [\"q_proj\"], \"layers_to_transform\": [9] | NO_MATCHING_MODULE | in 3 layers",
                "\"target_modules\": \".*q_proj\", \"layers_to_transform\": [1] | MALFORMED_CONFIG | layers_to_transform: expected none beside a regular expression",
                "\"target_modules\": [\"q_proj\"], \"layers_to_transform\": [\"1\"] | MALFORMED_CONFIG | layers_to_transform: expected whole numbers",
                "\"target_modules\": [\"q_proj\"], \"rank_pattern\": {\"q_proj\": 0} | MALFORMED_CONFIG | rank_pattern: expected a whole number from 1 for model.layers.",
                "\"target_modules\": [\"q_proj\"], \"rank_pattern\": {\"q_proj\": \"4\"} | MALFORMED_CONFIG | rank_pattern: expected whole numbers, found",
                "\"target_modules\": [\"q_proj\"], \"alpha_pattern\": {\"q_proj\": -1} | MALFORMED_CONFIG | alpha_pattern: expected a number above 0",
                "\"target_modules\": [\"q_proj\"], \"alpha_pattern\": {\"(\": 4} | MALFORMED_CONFIG | alpha_pattern: expected names or a regular expression",
                "\"target_modules\": [\"q_proj\"], \"use_dora\": true, \"lora_bias\": true | MALFORMED_CONFIG | lora_bias: expected false with use_dora",
            })
    void refusesPatternsThatMakeNoSense(String settings, Reason reason, String message) {
        assertRefused(reason, settings, message);
    }

    private static LoraTarget query(int layer) {
        return new LoraTarget(layer, LinearModule.Q_PROJ);
    }

    private static LoraTarget down(int layer) {
        return new LoraTarget(layer, LinearModule.DOWN_PROJ);
    }

    @Test
    void refusesOtherKindsOfAdapters() {
        assertRefused(
                Reason.UNSUPPORTED_CONFIG,
                "{\"peft_type\": \"LOHA\", \"r\": 8, \"target_modules\": [\"q_proj\"]}"
                        .getBytes(StandardCharsets.UTF_8),
                "peft_type: expected LORA, found \"LOHA\"");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                                            | not valid JSON",
                "[]                                           | expected a JSON object",
                "{\"r\": 8, \"r\": 4}                         | Duplicate field 'r'",
                "{\"r\": 8}                                   | peft_type: expected LORA, found none",
                "{\"peft_type\": \"LORA\"}                    | r: expected a whole number, found none",
                "{\"peft_type\": \"LORA\", \"r\": 8.5}        | r: expected a whole number, found 8.5",
                "{\"peft_type\": \"LORA\", \"r\": 8}          | lora_alpha: expected a number, found none",
                "{\"peft_type\": \"LORA\", \"r\": 8, \"lora_alpha\": 8}                              | target_modules: expected a list of names",
                "{\"peft_type\": \"LORA\", \"r\": 8, \"lora_alpha\": 8, \"target_modules\": [1]}     | target_modules: expected names, found 1",
                "{\"peft_type\": \"LORA\", \"r\": 8, \"lora_alpha\": 8, \"target_modules\": \"(\"}   | target_modules: expected names or a regular expression",
                "{\"peft_type\": \"LORA\", \"r\": 0, \"lora_alpha\": 8, \"target_modules\": [\"q_proj\"]}  | r: expected a whole number from 1, found 0",
                "{\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": -8, \"target_modules\": [\"q_proj\"]} | lora_alpha: expected a number above 0",
                "{\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": 8, \"lora_dropout\": 1, \"target_modules\": [\"q_proj\"]} | lora_dropout: expected a number in [0, 1)",
                "{\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": 8, \"use_rslora\": \"yes\", \"target_modules\": [\"q_proj\"]} | use_rslora: expected true or false",
            })
    void refusesAMalformedConfiguration(String json, String message) {
        assertRefused(Reason.MALFORMED_CONFIG, json.getBytes(StandardCharsets.UTF_8), message);
    }

    @Test
    void givesUpOnARegularExpressionThatBacktracksWithoutEnd() {
        assertRefused(
                Reason.MALFORMED_CONFIG,
                "\"target_modules\": \"(([a-z0-9_.]+)+)+!\"",
                "the regular expression takes too long to match");
    }

    @Test
    void refusesARegularExpressionOfAbsurdLength() {
        assertRefused(Reason.MALFORMED_CONFIG, "\"target_modules\": \"" + "q".repeat(5000) + "\"", "5000 characters");
    }

    @Test
    void refusesARegularExpressionNestedWithoutEnd() {
        String nested = "(".repeat(2000) + "q" + ")".repeat(2000);

        assertThatThrownBy(() -> parse("\"target_modules\": \"" + nested + "\""))
                .isInstanceOf(AdapterException.class);
    }

    private static LoraConfig parse(String settings) {
        return LoraConfig.parse(json(settings), BASE);
    }

    private static byte[] json(String settings) {
        return ("{\"peft_type\": \"LORA\", \"r\": 8, \"lora_alpha\": 32, " + settings + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void assertRefused(Reason reason, String settings, String message) {
        assertRefused(reason, json(settings), message);
    }

    private static void assertRefused(Reason reason, byte[] json, String message) {
        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> LoraConfig.parse(json, BASE))
                .withMessageContaining(message)
                .returns(reason, AdapterException::kind);
    }
}
