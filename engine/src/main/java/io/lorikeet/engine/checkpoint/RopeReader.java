package io.lorikeet.engine.checkpoint;

import io.lorikeet.engine.model.RopeScaling;
import io.lorikeet.engine.model.RopeScaling.Llama3;
import io.lorikeet.engine.model.RopeScaling.None;
import io.lorikeet.engine.model.RopeScaling.Yarn;

/**
 * Reads what config.json says of the rotary embedding: {@code rope_theta} beside {@code rope_scaling}, or in newer files both
 * in {@code rope_parameters}.
 */
final class RopeReader {
    /** Transformers' for all families here. */
    private static final double DEFAULT_THETA = 10_000;

    private final JsonFile json;
    /** The name of the object that says it. */
    private final String section;

    RopeReader(JsonFile json) {
        this.json = json;
        boolean older = json.find("rope_scaling").isPresent();
        if (older && json.find("rope_parameters").isPresent()) {
            throw json.failure("rope_scaling", "none beside rope_parameters, in which its fields belong", "both");
        }
        section = older ? "rope_scaling" : "rope_parameters";
        json.find(section).ifPresent(fields -> fields.properties().forEach(field -> {
            if (field.getValue().isObject()) {
                throw json.failure(
                        in(field.getKey()), "no object (one rotary embedding for all layers is supported)", "one");
            }
        }));
        for (String field : new String[] {"partial_rotary_factor", in("partial_rotary_factor")}) {
            double partial = json.optionalNumber(field).orElse(1.0);
            if (partial != 1.0) {
                throw json.failure(field, "1.0", partial);
            }
        }
    }

    double theta() {
        return json.optionalNumber(in("rope_theta"))
                .or(() -> json.optionalNumber("rope_theta"))
                .orElse(DEFAULT_THETA);
    }

    RopeScaling scaling(int maxPositionEmbeddings) {
        // a rope_scaling without a type is scaling of an unknown kind
        String type = json.optionalText(in("rope_type"))
                .or(() -> json.optionalText(in("type")))
                .orElse(section.equals("rope_scaling") && json.find(section).isPresent() ? "none" : "default");
        return switch (type) {
            case "default" -> new None();
            case "yarn" -> yarn(maxPositionEmbeddings);
            case "llama3" ->
                new Llama3(
                        number("factor"),
                        number("low_freq_factor"),
                        number("high_freq_factor"),
                        original(maxPositionEmbeddings));
            default -> throw json.failure(in("rope_type"), "default, yarn or llama3", type);
        };
    }

    private Yarn yarn(int maxPositionEmbeddings) {
        int original = original(maxPositionEmbeddings);
        double factor = json.optionalNumber(in("factor")).orElse((double) maxPositionEmbeddings / original);
        double mscale = json.optionalNumber(in("mscale")).orElse(0.0);
        double mscaleAllDim = json.optionalNumber(in("mscale_all_dim")).orElse(0.0);
        double attentionFactor = json.optionalNumber(in("attention_factor"))
                .orElse(
                        mscale != 0 && mscaleAllDim != 0
                                ? Yarn.attentionFactor(factor, mscale) / Yarn.attentionFactor(factor, mscaleAllDim)
                                : Yarn.attentionFactor(factor, 1));
        return new Yarn(
                factor,
                original,
                json.optionalNumber(in("beta_fast")).filter(beta -> beta != 0).orElse(32.0),
                json.optionalNumber(in("beta_slow")).filter(beta -> beta != 0).orElse(1.0),
                attentionFactor,
                json.optionalBoolean(in("truncate")).orElse(true));
    }

    /** Positions that the model was trained on; the field beside the object goes before the one in it. */
    private int original(int maxPositionEmbeddings) {
        String field = "original_max_position_embeddings";
        for (String path : new String[] {field, in(field)}) {
            if (json.find(path).isPresent()) {
                return json.positiveInt(path);
            }
        }
        return maxPositionEmbeddings;
    }

    private double number(String field) {
        return json.optionalNumber(in(field)).orElseThrow(() -> json.failure(in(field), "a number", "none"));
    }

    private String in(String field) {
        return section + "." + field;
    }
}
