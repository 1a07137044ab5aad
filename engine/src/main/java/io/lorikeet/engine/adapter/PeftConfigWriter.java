package io.lorikeet.engine.adapter;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.checkpoint.AtomicFile;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.model.LinearModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Writes adapter_config.json with the fields that PEFT 0.21 writes, in its order; older PEFTs and vLLM read it too. */
final class PeftConfigWriter {
    /** Spelled out even where PEFT has a default, so that the file means the same to every version of it. */
    private static final String PEFT_VERSION = "0.21.0";

    private static final List<String> OFF = List.of(
            "alora_invocation_tokens",
            "arrow_config",
            "auto_mapping",
            "corda_config",
            "eva_config",
            "exclude_modules",
            "kasa_config",
            "layer_replication",
            "layers_pattern",
            "layers_to_transform",
            "lora_ga_config",
            "megatron_config",
            "modules_to_save",
            "monteclora_config",
            "revision",
            "target_parameters",
            "trainable_token_indices",
            "use_bdlora",
            "velora_config");

    private PeftConfigWriter() {}

    static void write(LoraConfig config, Set<LoraTarget> targets, Optional<String> base, Path file) {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Spacing.AFTER))
                .withObjectIndenter(lines)
                .withArrayIndenter(lines);
        try {
            String json =
                    JsonMapper.builder().build().writer(printer).writeValueAsString(fields(config, targets, base));
            AtomicFile.write(file, json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> fields(LoraConfig config, Set<LoraTarget> targets, Optional<String> base) {
        Map<String, Object> fields = new TreeMap<>();
        OFF.forEach(field -> fields.put(field, null));
        fields.put("alpha_pattern", byPath(config.patterns().alphas(), PeftConfigWriter::number));
        fields.put("base_model_name_or_path", base.orElse(null));
        fields.put("bias", config.biasLoraOnly() ? "lora_only" : "none");
        fields.put("ensure_weight_tying", false);
        fields.put("fan_in_fan_out", false);
        fields.put("inference_mode", true);
        fields.put("init_lora_weights", true);
        fields.put("loftq_config", Map.of());
        fields.put("lora_alpha", number(config.loraAlpha()));
        fields.put("lora_bias", config.loraBias());
        fields.put("lora_dropout", config.loraDropout());
        fields.put("megatron_core", "megatron.core");
        fields.put("peft_type", "LORA");
        fields.put("peft_version", PEFT_VERSION);
        fields.put("qalora_group_size", 16);
        fields.put("r", config.r());
        fields.put("rank_pattern", byPath(config.patterns().ranks(), rank -> rank));
        fields.put("target_modules", targetModules(config, targets));
        fields.put("task_type", "CAUSAL_LM");
        fields.put("use_dora", config.useDora());
        fields.put("use_qalora", false);
        fields.put("use_rslora", config.useRslora());
        return fields;
    }

    /** Names of modules, or whole paths where an adapter leaves some of them alone. */
    private static List<String> targetModules(LoraConfig config, Set<LoraTarget> targets) {
        return config.patterns().without().isEmpty()
                ? config.targetModules().stream().map(LinearModule::moduleName).toList()
                : targets.stream().map(LoraTarget::toString).toList();
    }

    /** A path is a regular expression of itself: a dot matches a dot. */
    private static <T> Map<String, Object> byPath(Map<LoraTarget, T> patterns, Function<T, Object> value) {
        Map<String, Object> byPath = new TreeMap<>();
        patterns.forEach((target, found) -> byPath.put(target.toString(), value.apply(found)));
        return byPath;
    }

    /** PEFT's lora_alpha is an int; a fractional one is written as it is, which PEFT takes too. */
    private static Number number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? (Number) (int) value : (Number) value;
    }
}
