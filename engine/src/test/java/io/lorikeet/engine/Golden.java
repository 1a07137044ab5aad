package io.lorikeet.engine;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/** The reference cases under {@code golden/}; {@code make_golden.py} and {@code make_families.py} beside them say how they were made. */
public final class Golden {
    public static final List<String> CASES = List.of(
            "qwen2-tiny",
            "qwen2-tied-sharded",
            "qwen2-bf16",
            "qwen2-yarn",
            "qwen2-sliding",
            "qwen2-dora",
            "qwen2-loraplus",
            "qwen3-tiny",
            "llama3-tiny",
            "mistral-tiny");

    private Golden() {}

    public static Path folder(String golden) {
        try {
            return Path.of(Golden.class.getResource("/golden/" + golden).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Path model(String golden) {
        return folder(golden).resolve("model");
    }
}
