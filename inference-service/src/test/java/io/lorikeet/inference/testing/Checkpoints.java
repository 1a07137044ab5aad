package io.lorikeet.inference.testing;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.LinearModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Real checkpoints on disk and the events that announce them. Another seed makes the model say something else. */
public final class Checkpoints {
    /** The adapters root of the tests, relative to the module. */
    public static final Path ROOT = Path.of("target", "test-adapters");

    private static final LoraConfig CONFIG = new LoraConfig(4, 16, 0, LoraConfig.allLinear(), false);

    private Checkpoints() {}

    /** Makes an adapter's folder below the root, and its event. */
    public static CheckpointEvent write(String adapter, String version, long seed) {
        var folder = folder(adapter, version);
        save(folder, seed);
        return event(adapter, version, folder);
    }

    /** Where a version's files belong. */
    public static Path folder(String adapter, String version) {
        return ROOT.resolve(adapter).resolve(version);
    }

    /** Writes an adapter of random weights, strong enough to change what is said. */
    public static void save(Path folder, long seed) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var base = TestModel.config();
        var random = new Random(seed);
        var weights = new TreeMap<LoraTarget, LoraWeights>();
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (var module : LinearModule.values()) {
                weights.put(
                        new LoraTarget(layer, module),
                        new LoraWeights(
                                gaussian(random, CONFIG.r() * module.inFeatures(base)),
                                gaussian(random, module.outFeatures(base) * CONFIG.r())));
            }
        }
        PeftAdapter.of(CONFIG, weights, base).save(folder);
    }

    /** The event for a folder as it is now. */
    public static CheckpointEvent event(String adapter, String version, Path folder) {
        var files = Stream.of(PeftAdapter.CONFIG_FILE, PeftAdapter.TENSORS_FILE)
                .map(name -> file(folder.resolve(name)))
                .toList();
        return event(adapter, version, folder.toAbsolutePath().toUri(), files, TestModel.fingerprint());
    }

    /** An event with all its claims. */
    public static CheckpointEvent event(
            String adapter, String version, URI uri, List<CheckpointFile> files, String fingerprint) {
        return new CheckpointEvent(
                adapter,
                version,
                uri,
                files,
                new BaseModel(TestModel.ID, fingerprint),
                CONFIG.r(),
                CONFIG.loraAlpha(),
                CONFIG.useRslora(),
                CONFIG.useDora(),
                CONFIG.targetModules().stream().map(LinearModule::moduleName).toList(),
                null,
                List.of(),
                null,
                Instant.now());
    }

    /** The same event with checksums that no file has. */
    public static CheckpointEvent withoutChecksums(CheckpointEvent event) {
        var files = event.files().stream()
                .map(file -> new CheckpointFile(file.name(), "0".repeat(64), file.size()))
                .toList();
        return event(event.adapter(), event.version(), event.uri(), files, TestModel.fingerprint());
    }

    private static CheckpointFile file(Path path) {
        try {
            var bytes = Files.readAllBytes(path);
            var sha256 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new CheckpointFile(path.getFileName().toString(), sha256, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static float[] gaussian(Random random, int length) {
        var values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextGaussian() * 0.2);
        }
        return values;
    }
}
