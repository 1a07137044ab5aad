package io.lorikeet.engine.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.adapter.AdapterException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Settings that take modules out of an adapter or give some of them values of their own. They are not supported, but PEFT and its
 * users write them where they change nothing: then the adapter is what it would be without them.
 */
final class NeutralSettings {
    static final Set<String> NAMES = Set.of("exclude_modules", "layers_to_transform", "rank_pattern", "alpha_pattern");

    private NeutralSettings() {}

    /** Refuses those that change something for what this adapter targets. */
    static void refuseOthers(JsonNode root, LoraConfig config, int layers) {
        List<String> targeted = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (var module : config.targetModules()) {
                targeted.add(module.path(layer));
            }
        }
        JsonNode excluded = root.path("exclude_modules");
        Predicate<String> excludes = excludes(excluded);
        targeted.stream().filter(excludes).findFirst().ifPresent(path -> {
            throw refused("exclude_modules", excluded, "takes " + path + " out of what target_modules names");
        });
        JsonNode transformed = root.path("layers_to_transform");
        if (PeftConfigReader.isSet(transformed) && !all(transformed, layers)) {
            throw refused("layers_to_transform", transformed, "leaves some of the " + layers + " layers out");
        }
        refuseOtherValues("rank_pattern", root, targeted, config.r());
        refuseOtherValues("alpha_pattern", root, targeted, config.loraAlpha());
    }

    /** As PEFT: a string is a regular expression over the whole path, a list names paths or their ends. */
    private static Predicate<String> excludes(JsonNode excluded) {
        if (!PeftConfigReader.isSet(excluded)) {
            return _ -> false;
        }
        if (excluded.isTextual()) {
            return TargetModules.matching("exclude_modules", excluded.textValue());
        }
        List<String> names = new ArrayList<>();
        excluded.forEach(name -> names.add(name.asText()));
        return path -> names.stream().anyMatch(name -> path.equals(name) || path.endsWith("." + name));
    }

    private static boolean all(JsonNode transformed, int layers) {
        Set<Integer> named = new TreeSet<>();
        transformed.forEach(layer -> named.add(layer.asInt(-1)));
        if (transformed.isIntegralNumber()) {
            named.add(transformed.intValue());
        }
        for (int layer = 0; layer < layers; layer++) {
            if (!named.contains(layer)) {
                return false;
            }
        }
        return true;
    }

    private static void refuseOtherValues(String field, JsonNode root, List<String> targeted, double value) {
        JsonNode pattern = root.path(field);
        pattern.properties().forEach(entry -> {
            // PEFT's key matches the end of a path.
            Predicate<String> chosen = TargetModules.matching(field, "(.*\\.)?(" + entry.getKey() + ")");
            if (entry.getValue().asDouble() != value) {
                targeted.stream().filter(chosen).findFirst().ifPresent(path -> {
                    throw refused(field, pattern, "gives " + path + " a value of its own");
                });
            }
        });
    }

    private static AdapterException refused(String field, JsonNode value, String why) {
        return new AdapterException(
                Reason.UNSUPPORTED_CONFIG,
                "adapter_config.json: not supported: " + field + " = " + value + ", which " + why);
    }
}
