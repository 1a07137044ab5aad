package io.lorikeet.engine.adapter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads adapter_config.json. PEFT's list of settings grows with each release, so the rule is general: what this reader does
 * not know must be off (null, false, empty), or the adapter is refused. A setting is never ignored in silence.
 */
final class PeftConfigReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * Settings that say something of the adapter's origin, or tune a feature that another setting turns on, as
     * init_lora_weights an initialisation.
     */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "auto_mapping",
            "base_model_name_or_path",
            "corda_config",
            "eva_config",
            "inference_mode",
            "loftq_config",
            "lora_ga_config",
            "megatron_core",
            "peft_version",
            "qalora_group_size",
            "revision",
            "runtime_config");

    private static final Set<String> READ = Set.of(
            "peft_type",
            "task_type",
            "r",
            "lora_alpha",
            "lora_dropout",
            "target_modules",
            "use_rslora",
            "bias",
            "init_lora_weights");

    /** Initialisations that leave the base model as it is; the others (pissa, olora, corda, loftq, …) change its weights. */
    private static final Set<String> HARMLESS_INITIALISATIONS =
            Set.of("true", "false", "gaussian", "orthogonal", "eva");

    private final JsonNode root;

    private PeftConfigReader(JsonNode root) {
        this.root = root;
    }

    static LoraConfig read(byte[] json, ModelConfig base) {
        PeftConfigReader reader = new PeftConfigReader(parse(json));
        reader.refuseOtherKinds();
        reader.refuseWhatIsNotHonoured();
        try {
            LoraConfig config = new LoraConfig(
                    reader.integer("r"),
                    reader.number("lora_alpha", null),
                    reader.number("lora_dropout", 0.0),
                    reader.targetModules(base),
                    reader.flag("use_rslora"));
            NeutralSettings.refuseOthers(reader.root, config, base.numHiddenLayers());
            return config;
        } catch (IllegalArgumentException e) {
            throw new AdapterException(Reason.MALFORMED_CONFIG, "adapter_config.json: " + e.getMessage(), e);
        }
    }

    private static JsonNode parse(byte[] json) {
        try {
            JsonNode root = JSON.readTree(json);
            if (!root.isObject()) {
                throw new AdapterException(
                        Reason.MALFORMED_CONFIG,
                        "adapter_config.json: expected a JSON object, found " + root.getNodeType());
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new AdapterException(
                    Reason.MALFORMED_CONFIG, "adapter_config.json: not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new AdapterException(Reason.MALFORMED_CONFIG, "adapter_config.json: " + e.getMessage(), e);
        }
    }

    private void refuseOtherKinds() {
        expect("peft_type", "LORA", Set.of("LORA"));
        if (isSet(root.path("task_type"))) {
            expect("task_type", "CAUSAL_LM", Set.of("CAUSAL_LM"));
        }
        if (isSet(root.path("bias"))) {
            expect("bias", "none (trained biases are not supported)", Set.of("none"));
        }
        if (root.has("init_lora_weights") && !root.path("init_lora_weights").isNull()) {
            expect("init_lora_weights", "one that leaves the base model's weights alone", HARMLESS_INITIALISATIONS);
        }
    }

    private void expect(String field, String expected, Set<String> values) {
        JsonNode value = root.path(field);
        if (value.isMissingNode()) {
            throw malformed(field, expected, value);
        }
        if (!values.contains(value.asText())) {
            throw new AdapterException(
                    Reason.UNSUPPORTED_CONFIG,
                    "adapter_config.json: " + field + ": expected " + expected + ", found " + value);
        }
    }

    private void refuseWhatIsNotHonoured() {
        List<String> refused = new ArrayList<>();
        root.forEachEntry((field, value) -> {
            if (!READ.contains(field)
                    && !WITHOUT_EFFECT.contains(field)
                    && !NeutralSettings.NAMES.contains(field)
                    && isSet(value)) {
                refused.add(field + " = " + value);
            }
        });
        if (!refused.isEmpty()) {
            throw new AdapterException(
                    Reason.UNSUPPORTED_CONFIG,
                    "adapter_config.json: not supported: " + String.join(", ", refused)
                            + "; expected them absent, null, false or empty");
        }
    }

    static boolean isSet(JsonNode value) {
        return switch (value.getNodeType()) {
            case MISSING, NULL -> false;
            case BOOLEAN -> value.booleanValue();
            case ARRAY, OBJECT -> !value.isEmpty();
            case STRING -> !value.textValue().isEmpty();
            case NUMBER, BINARY, POJO -> true;
        };
    }

    private Set<LinearModule> targetModules(ModelConfig base) {
        JsonNode value = root.path("target_modules");
        if (value.isTextual()) {
            return TargetModules.ofString(value.textValue(), base);
        }
        if (!value.isArray()) {
            throw malformed("target_modules", "a list of names, all-linear or a regular expression", value);
        }
        List<String> names = new ArrayList<>();
        for (JsonNode name : value) {
            if (!name.isTextual()) {
                throw malformed("target_modules", "names", name);
            }
            names.add(name.textValue());
        }
        return TargetModules.ofList(names, base);
    }

    private int integer(String field) {
        JsonNode value = root.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw malformed(field, "a whole number", value);
        }
        return value.intValue();
    }

    private double number(String field, Double otherwise) {
        JsonNode value = root.path(field);
        if (value.isMissingNode() && otherwise != null) {
            return otherwise;
        }
        if (!value.isNumber()) {
            throw malformed(field, "a number", value);
        }
        return value.doubleValue();
    }

    private boolean flag(String field) {
        JsonNode value = root.path(field);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw malformed(field, "true or false", value);
        }
        return value.asBoolean();
    }

    private static AdapterException malformed(String field, String expected, JsonNode found) {
        return new AdapterException(
                Reason.MALFORMED_CONFIG,
                "adapter_config.json: " + field + ": expected " + expected + ", found "
                        + (found.isMissingNode() ? "none" : found));
    }
}
