package io.lorikeet.engine.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks at what stands where a model directory should, and says what it is if it is something else. */
final class ModelDirectory {
    static final String CONFIG = "config.json";

    private static final String EXPECTED =
            "expected a model directory with config.json and model.safetensors (or its shards and their index)";

    private ModelDirectory() {}

    static void check(Path directory) {
        if (!Files.exists(directory)) {
            throw new CheckpointException(directory.toAbsolutePath() + ": does not exist; " + EXPECTED);
        }
        if (!Files.isDirectory(directory)) {
            throw new CheckpointException(directory + ": is a file; " + EXPECTED + ", so perhaps "
                    + directory.toAbsolutePath().getParent());
        }
        List<Path> children = children(directory);
        if (children.isEmpty()) {
            throw new CheckpointException(directory + ": is an empty directory; " + EXPECTED);
        }
        if (!has(directory, CONFIG)) {
            throw new CheckpointException(directory + ": " + lookWithoutConfig(directory, children) + "; " + EXPECTED);
        }
        if (!has(directory, CheckpointFiles.SINGLE) && !has(directory, CheckpointFiles.INDEX)) {
            throw new CheckpointException(directory + ": " + lookWithoutWeights(children) + "; " + EXPECTED);
        }
    }

    private static String lookWithoutConfig(Path directory, List<Path> children) {
        if (has(directory, "adapter_config.json")) {
            return "is a PEFT adapter, not a base model (the base it was made for is named in adapter_config.json)";
        }
        Optional<Path> snapshot = snapshot(directory).or(() -> children.stream()
                .filter(child -> child.getFileName().toString().startsWith("models--"))
                .flatMap(child -> snapshot(child).stream())
                .findFirst());
        if (snapshot.isPresent()) {
            return "is a Hugging Face cache, the model lies deeper: " + snapshot.get();
        }
        Optional<Path> child =
                children.stream().filter(folder -> has(folder, CONFIG)).findFirst();
        if (child.isPresent()) {
            return "has no config.json, but a folder in it does: " + child.get();
        }
        return "has no config.json (it has " + names(children) + ")";
    }

    private static String lookWithoutWeights(List<Path> children) {
        List<String> names =
                children.stream().map(p -> p.getFileName().toString()).toList();
        if (names.stream().anyMatch(name -> name.endsWith(".gguf"))) {
            return "holds GGUF weights; take the original checkpoint in safetensors";
        }
        if (names.stream().anyMatch(name -> name.endsWith(".bin") || name.endsWith(".pt") || name.endsWith(".pth"))) {
            return "holds pickled PyTorch weights, which are not read because a pickle can run code; convert them to safetensors";
        }
        if (names.stream().anyMatch(name -> name.endsWith(".safetensors"))) {
            return "has safetensors files but neither " + CheckpointFiles.SINGLE + " nor " + CheckpointFiles.INDEX
                    + " (" + names(children) + ")";
        }
        return "has config.json but no weights (" + names(children) + ")";
    }

    /** The first model directory under a {@code models--owner--name} folder of a Hugging Face cache. */
    private static Optional<Path> snapshot(Path cacheEntry) {
        Path snapshots = cacheEntry.resolve("snapshots");
        return Files.isDirectory(snapshots)
                ? children(snapshots).stream()
                        .filter(folder -> has(folder, CONFIG))
                        .findFirst()
                : Optional.empty();
    }

    private static boolean has(Path directory, String file) {
        return Files.exists(directory.resolve(file));
    }

    private static List<Path> children(Path directory) {
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted().toList();
        } catch (IOException e) {
            throw new CheckpointException(directory + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String names(List<Path> children) {
        int shown = 6;
        String names = String.join(
                ", ",
                children.stream()
                        .limit(shown)
                        .map(p -> p.getFileName().toString())
                        .toList());
        return children.size() > shown ? names + ", …" : names;
    }
}
