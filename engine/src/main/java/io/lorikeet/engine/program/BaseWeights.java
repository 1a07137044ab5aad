package io.lorikeet.engine.program;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.sharing.Chunks;
import io.lorikeet.engine.sharing.FileChunks;
import io.lorikeet.engine.sharing.SharedFolder;
import io.lorikeet.engine.sharing.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A base's weights in a program: loaded, or mapped from a process of this host that has loaded the same ones. */
final class BaseWeights {
    private static final Logger LOG = LoggerFactory.getLogger(BaseWeights.class);
    /** How weights lie in shared memory; another number, and processes do not find each other. */
    private static final int LAYOUT = 2;

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private final TorchModule module;
    private final ProgramOptions options;
    private final ModelCheckpoint checkpoint;
    private final Optional<MappedEnds> ends;
    private Optional<Chunks> chunks = Optional.empty();

    BaseWeights(TorchModule module, ProgramOptions options, ModelCheckpoint checkpoint) {
        this.module = module;
        this.options = options;
        this.checkpoint = checkpoint;
        ends = MappedEnds.areOf(options) ? Optional.of(new MappedEnds(options, checkpoint)) : Optional.empty();
    }

    /** What of them is other processes' too, for the caller to close after the program; also if loading failed. */
    Optional<Chunks> chunks() {
        return chunks;
    }

    /** What of them stays in the checkpoint's files, for the caller to close after the program. */
    Optional<MappedEnds> ends() {
        return ends;
    }

    /**
     * Brings them in.
     *
     * @return what quantising each product's weight does to it
     */
    List<QuantizationError> load(int[] calibration, Sharing sharing) {
        Optional<Path> directory = sharing.directory().filter(_ -> isShareable());
        if (directory.isEmpty()) {
            allocate();
            return loader(_ -> {}).load(calibration);
        }
        long begun = System.nanoTime();
        boolean inPlace = options.weights() == WeightFormat.DENSE;
        List<QuantizationError> errors;
        boolean mapped;
        if (inPlace) {
            DeviceChunks opened = openDevice(directory.get());
            chunks = Optional.of(opened);
            mapped = opened.record().isPresent();
            errors = loadInPlace(opened, calibration);
        } else {
            Chunks opened = options.device().isCuda() ? openDevice(directory.get()) : openFiles(directory.get());
            chunks = Optional.of(opened);
            mapped = opened.record().isPresent();
            errors = loadParts(opened, calibration);
        }
        LOG.info(
                "the base's weights are {} in {} ms",
                mapped ? "another process's too: mapped" : "loaded for other processes too,",
                Duration.ofNanos(System.nanoTime() - begun).toMillis());
        return errors;
    }

    /** On a processor weights as they are are trained, or read by training: nothing that serves has them like that. */
    private boolean isShareable() {
        return options.weights() != WeightFormat.DENSE || options.device().isCuda();
    }

    private void allocate() {
        ends.ifPresentOrElse(
                mapped -> mapped.allocate(module), () -> module.apply("allocate_weights", t -> new NDList(t.of(0.0))));
    }

    private WeightLoad loader(IntConsumer finished) {
        return new WeightLoad(module, options, checkpoint, ends, finished);
    }

    private List<QuantizationError> loadInPlace(DeviceChunks opened, int[] calibration) {
        var placed = new PlacedWeights(module, options, opened);
        placed.allocate();
        if (opened.record().isPresent()) {
            placed.map();
            return List.of();
        }
        List<QuantizationError> errors = loader(_ -> {}).load(calibration);
        placed.publish();
        return errors;
    }

    private List<QuantizationError> loadParts(Chunks opened, int[] calibration) {
        var parts = new FrozenParts(module, options, opened);
        allocate();
        if (opened.record().isPresent()) {
            loader(_ -> {}).loadVectors();
            return parts.map(opened.record().get());
        }
        List<QuantizationError> errors = loader(parts::fill).load(calibration);
        parts.publish(errors);
        return errors;
    }

    private DeviceChunks openDevice(Path directory) {
        CudaStream stream = module.stream().orElseThrow();
        var memory = new CudaMemory(stream.driver(), options.device());
        return DeviceChunks.open(new SharedFolder(directory, key(memory.uuid())), stream, memory);
    }

    private Chunks openFiles(Path directory) {
        return FileChunks.open(new SharedFolder(directory, key("cpu " + processor())));
    }

    /** All that decides what lies where. */
    private String key(String device) {
        return Stream.of(
                        LAYOUT,
                        checkpoint.fingerprint(),
                        options.weights(),
                        options.dtype(),
                        // how oneDNN packs depends on it
                        options.weights() == WeightFormat.DENSE ? 0 : options.maxNumSeqs(),
                        Engine.getEngine("PyTorch").getVersion(),
                        device)
                .map(Object::toString)
                .collect(Collectors.joining("\n"));
    }

    /** What oneDNN's choices depend on. */
    private static String processor() {
        try (Stream<String> lines = Files.lines(CPU_INFO)) {
            return System.getenv("ONEDNN_MAX_CPU_ISA")
                    + lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                            .findFirst()
                            .orElse("");
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
