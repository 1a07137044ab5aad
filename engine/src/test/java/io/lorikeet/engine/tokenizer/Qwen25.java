package io.lorikeet.engine.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The tokenizer of Qwen2.5, unpacked from the test resources once for all tests of a JVM. */
final class Qwen25 {
    private static final Path DIRECTORY = unpack();
    private static final Qwen2Tokenizer TOKENIZER = Qwen2Tokenizer.open(DIRECTORY);

    private Qwen25() {}

    static Path directory() {
        return DIRECTORY;
    }

    static Qwen2Tokenizer tokenizer() {
        return TOKENIZER;
    }

    static InputStream resource(String name) {
        return Qwen25.class.getResourceAsStream("/tokenizer/qwen2.5/" + name);
    }

    private static Path unpack() {
        try (InputStream json = new GZIPInputStream(resource("tokenizer.json.gz"));
                InputStream config = resource("tokenizer_config.json")) {
            Path directory = Files.createTempDirectory("qwen2.5-tokenizer");
            for (String file : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
                Files.copy(file.equals("tokenizer.json") ? json : config, directory.resolve(file));
                directory.resolve(file).toFile().deleteOnExit();
            }
            directory.toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
