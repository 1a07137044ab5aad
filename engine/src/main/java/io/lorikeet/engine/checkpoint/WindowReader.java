package io.lorikeet.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.model.Architecture;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Reads which layers of a model see a window of the text before a token, and how much. */
final class WindowReader {
    /** Transformers' if config.json says nothing. */
    private static final int DEFAULT_WINDOW = 4096;

    private static final int DEFAULT_MAX_WINDOW_LAYERS = 28;

    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    private final JsonFile json;
    private final Architecture architecture;
    private final int layers;

    private WindowReader(JsonFile json, Architecture architecture, int layers) {
        this.json = json;
        this.architecture = architecture;
        this.layers = layers;
    }

    /** Positions that a token sees in each layer, its own included; 0 if it sees all before it. */
    static List<Integer> read(JsonFile json, Architecture architecture, int layers) {
        return new WindowReader(json, architecture, layers).windows();
    }

    private List<Integer> windows() {
        return switch (architecture) {
            case QWEN2, QWEN3 -> {
                Optional<Integer> window =
                        json.optionalBoolean("use_sliding_window").orElse(false) ? slidingWindow() : Optional.empty();
                int full = json.optionalInt("max_window_layers").orElse(DEFAULT_MAX_WINDOW_LAYERS);
                IntFunction<String> unsaid = layer -> window.isPresent() && layer >= full ? SLIDING : FULL;
                yield windows(window, json.find("layer_types").isPresent() ? this::layerType : unsaid);
            }
            case MISTRAL -> {
                Optional<Integer> window = slidingWindow();
                yield alike(window, window.isPresent() ? SLIDING : FULL);
            }
            case LLAMA -> alike(Optional.empty(), FULL);
        };
    }

    /** A field that is null says that there is none. */
    private Optional<Integer> slidingWindow() {
        if (!json.root().has("sliding_window")) {
            return Optional.of(DEFAULT_WINDOW);
        }
        return json.find("sliding_window").map(_ -> json.positiveInt("sliding_window"));
    }

    /** Layers that are alike in this family; its code passes over layer_types, which may not say otherwise. */
    private List<Integer> alike(Optional<Integer> window, String type) {
        if (json.find("layer_types").isPresent()) {
            for (int layer = 0; layer < layers; layer++) {
                if (!layerType(layer).equals(type)) {
                    throw json.failure(
                            "layer_types",
                            type + " in every layer of " + architecture.className() + " with this sliding_window",
                            layerType(layer));
                }
            }
        }
        return windows(window, _ -> type);
    }

    private List<Integer> windows(Optional<Integer> window, IntFunction<String> type) {
        return IntStream.range(0, layers)
                .map(layer -> type.apply(layer).equals(FULL)
                        ? 0
                        : window.orElseThrow(() -> json.failure(
                                "layer_types", FULL + " in every layer, as use_sliding_window is not true", SLIDING)))
                .boxed()
                .toList();
    }

    private String layerType(int layer) {
        JsonNode types = json.find("layer_types").orElseThrow();
        if (types.size() != layers) {
            throw json.failure("layer_types", "one for each of " + layers + " layers", types.size());
        }
        String type = types.path(layer).asText();
        if (!type.equals(FULL) && !type.equals(SLIDING)) {
            throw json.failure("layer_types", FULL + " or " + SLIDING, type);
        }
        return type;
    }
}
