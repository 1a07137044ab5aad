package io.lorikeet.engine.program;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs the numeric program, text in TorchScript's serialised dialect under {@code resources/…/program/decoder}, into an
 * archive that libtorch loads like one that Python saved: a zip of stored entries with the module's state as a pickle.
 */
final class ProgramArchive {
    /** libtorch does not load a program that names an operator it was built without: these have a file {@code …-none}. */
    private static final Set<String> OF_ONEDNN = Set.of("packed", "int8", "int4");

    static final boolean HAS_ONEDNN = System.getProperty("os.arch").equals("amd64");

    private static final List<String> FILES = List.of(
            "layout",
            "projection",
            "packed",
            "int8",
            "int4",
            "quantized",
            "prequantized",
            "format",
            "kinds",
            "calibration",
            "weights",
            "layer",
            "mlp",
            "rotary",
            "attention",
            "model",
            "lora",
            "adjustment",
            "cache",
            "drafts",
            "state",
            "sampling",
            "serving",
            "adapter",
            "packing",
            "loss",
            "optimizer",
            "training");
    private static final String ROOT = "decoder/";
    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private ProgramArchive() {}

    static InputStream pack(ProgramOptions options) {
        Map<String, String> sources = new TreeMap<>();
        FILES.forEach(file -> sources.put(file, source(file)));
        ProgramState state = ProgramState.of(options, sources);
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "data.pkl", Pickle.of(state.root()));
            state.sources()
                    .forEach((file, source) -> store(
                            zip, "code/__torch__/decoder/" + file + ".py", source.getBytes(StandardCharsets.UTF_8)));
            store(zip, "constants.pkl", EMPTY_TUPLE);
            store(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private static String source(String file) {
        String resource = "decoder/" + file + (OF_ONEDNN.contains(file) && !HAS_ONEDNN ? "-none" : "") + ".torchscript";
        try (InputStream in = ProgramArchive.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the engine's jar lacks " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void store(ZipOutputStream zip, String name, byte[] data) {
        var crc = new CRC32();
        crc.update(data);
        var entry = new ZipEntry(ROOT + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCrc(crc.getValue());
        try {
            zip.putNextEntry(entry);
            zip.write(data);
            zip.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
