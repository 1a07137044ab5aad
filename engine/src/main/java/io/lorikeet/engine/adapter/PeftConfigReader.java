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
import java.util.SortedSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

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

    /** What to do about an adapter that cannot be served as one. */
    static final String MERGE =
            "Merge it into the base with PEFT (merge_and_unload(), then save_pretrained()) and use the result as a model";

    /** What to do about an initialisation that has changed the base's weights. */
    private static final String CONVERT = "one that leaves the base model's weights alone (convert it with PEFT:"
            + " save_pretrained(…, path_initial_model_for_weight_conversion=…) writes a plain LoRA adapter)";

    private static final Set<String> READ = Set.of(
            "peft_type",
            "task_type",
            "r",
            "lora_alpha",
            "lora_dropout",
            "target_modules",
            "use_rslora",
            "use_dora",
            "lora_bias",
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
            return reader.config(base);
        } catch (IllegalArgumentException e) {
            throw new AdapterException(Reason.MALFORMED_CONFIG, "adapter_config.json: " + e.getMessage(), e);
        }
    }

    private LoraConfig config(ModelConfig base) {
        var patterns = new PeftPatterns(root);
        int r = integer("r");
        double alpha = number("lora_alpha", null);
        double dropout = number("lora_dropout", 0.0);
        SortedSet<LoraTarget> targets = targets(patterns, base);
        Set<LinearModule> modules = targets.stream().map(LoraTarget::module).collect(Collectors.toSet());
        // what all of these modules in all layers would be
        var uniform = new LoraConfig(r, alpha, dropout, modules, flag("use_rslora"));
        return new LoraConfig(
                r,
                alpha,
                dropout,
                modules,
                uniform.useRslora(),
                flag("use_dora"),
                flag("lora_bias"),
                root.path("bias").asText().equals("lora_only"),
                patterns.of(targets, uniform.targets(base.numHiddenLayers()), r, alpha));
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
            expect("bias", "none or lora_only", Set.of("none", "lora_only"));
        }
        if (root.has("init_lora_weights") && !root.path("init_lora_weights").isNull()) {
            expect("init_lora_weights", CONVERT, HARMLESS_INITIALISATIONS);
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
                    && !PeftPatterns.NAMES.contains(field)
                    && isSet(value)) {
                refused.add(field + " = " + value);
            }
        });
        if (!refused.isEmpty()) {
            throw new AdapterException(
                    Reason.UNSUPPORTED_CONFIG,
                    "adapter_config.json: not supported: " + String.join(", ", refused)
                            + "; expected them absent, null, false or empty. " + MERGE);
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

    private SortedSet<LoraTarget> targets(PeftPatterns patterns, ModelConfig base) {
        JsonNode value = root.path("target_modules");
        Predicate<String> targeted;
        if (value.isTextual()) {
            if (isSet(root.path("layers_to_transform")) && !TargetModules.isAllLinear(value.textValue())) {
                throw malformed(
                        "layers_to_transform", "none beside a regular expression", root.path("layers_to_transform"));
            }
            targeted = TargetModules.ofString(value.textValue()).and(patterns.inLayers());
        } else if (value.isArray()) {
            List<String> names = PeftPatterns.texts("target_modules", value);
            // whoever names a whole path has named its layer
            targeted = TargetModules.ofList(names, base).and(patterns.inLayers().or(names::contains));
        } else {
            throw malformed("target_modules", "a list of names, all-linear or a regular expression", value);
        }
        return TargetModules.targets(
                value.toString(), targeted.and(patterns.excluded().negate()), base);
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
