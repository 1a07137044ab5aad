package io.lorikeet.engine.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.adapter.AdapterException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/**
 * Settings that take modules out of an adapter or give some of them values of their own, matched against the base model as PEFT
 * does.
 */
final class PeftPatterns {
    static final Set<String> NAMES =
            Set.of("exclude_modules", "layers_to_transform", "layers_pattern", "rank_pattern", "alpha_pattern");

    private final JsonNode root;

    PeftPatterns(JsonNode root) {
        this.root = root;
    }

    /** A string is a regular expression over the whole path, a list names paths or their ends. */
    Predicate<String> excluded() {
        JsonNode excluded = root.path("exclude_modules");
        if (!PeftConfigReader.isSet(excluded)) {
            return _ -> false;
        }
        return excluded.isTextual()
                ? TargetModules.matching("exclude_modules", excluded.textValue())
                : TargetModules.named(texts("exclude_modules", excluded));
    }

    /** Whether a module lies in one of the layers_to_transform: after layers_pattern, or anywhere if there is none. */
    Predicate<String> inLayers() {
        JsonNode transformed = root.path("layers_to_transform");
        if (!PeftConfigReader.isSet(transformed)) {
            return _ -> true;
        }
        Set<Integer> layers = new HashSet<>();
        if (transformed.isArray()) {
            transformed.forEach(layer -> layers.add(layer(layer)));
        } else {
            layers.add(layer(transformed));
        }
        JsonNode pattern = root.path("layers_pattern");
        List<String> names = new ArrayList<>();
        if (PeftConfigReader.isSet(pattern)) {
            names.addAll(pattern.isTextual() ? List.of(pattern.textValue()) : texts("layers_pattern", pattern));
        } else {
            names.add("[^.]*");
        }
        return path -> names.stream()
                .map(name -> TargetModules.matcher("layers_pattern", ".*\\.(?:" + name + ")\\.(\\d+)\\..*", path))
                .filter(Matcher::matches)
                .findFirst()
                .filter(matched -> layers.contains(Integer.parseInt(matched.group(matched.groupCount()))))
                .isPresent();
    }

    /**
     * How modules differ from each other.
     *
     * @param targets all that the adapter changes
     * @param candidates the same modules in all layers
     */
    LoraPatterns of(SortedSet<LoraTarget> targets, SortedSet<LoraTarget> candidates, int r, double alpha) {
        Map<LoraTarget, Integer> ranks = new HashMap<>();
        Map<LoraTarget, Double> alphas = new HashMap<>();
        each("rank_pattern", targets, (target, value) -> {
            if (!value.isIntegralNumber() || !value.canConvertToInt()) {
                throw malformed("rank_pattern", "whole numbers", value);
            }
            if (value.intValue() != r) {
                ranks.put(target, value.intValue());
            }
        });
        each("alpha_pattern", targets, (target, value) -> {
            if (!value.isNumber()) {
                throw malformed("alpha_pattern", "numbers", value);
            }
            if (value.doubleValue() != alpha) {
                alphas.put(target, value.doubleValue());
            }
        });
        Set<LoraTarget> without = new HashSet<>(candidates);
        without.removeAll(targets);
        return new LoraPatterns(ranks, alphas, without);
    }

    /** The value of the first key, in the order of the file, that matches the end of a path. */
    private void each(String field, SortedSet<LoraTarget> targets, BiConsumer<LoraTarget, JsonNode> value) {
        JsonNode pattern = root.path(field);
        for (LoraTarget target : targets) {
            pattern.properties().stream()
                    .filter(entry -> TargetModules.matcher(field, "(.*\\.)?(" + entry.getKey() + ")", target.toString())
                            .matches())
                    .findFirst()
                    .ifPresent(entry -> value.accept(target, entry.getValue()));
        }
    }

    private static int layer(JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw malformed("layers_to_transform", "whole numbers", value);
        }
        return value.intValue();
    }

    static List<String> texts(String field, JsonNode list) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : list) {
            if (!text.isTextual()) {
                throw malformed(field, "names", text);
            }
            texts.add(text.textValue());
        }
        return texts;
    }

    private static AdapterException malformed(String field, String expected, JsonNode found) {
        return new AdapterException(
                Reason.MALFORMED_CONFIG,
                "adapter_config.json: " + field + ": expected " + expected + ", found " + found);
    }
}
