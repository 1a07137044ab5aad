package io.lorikeet.gateway.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import io.lorikeet.http.ApiException;
import io.lorikeet.store.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** An adapter as PEFT saves it, in a zip: {@code adapter_config.json} and {@code adapter_model.safetensors}. */
final class PeftFolder {
    static final String CONFIG = "adapter_config.json";
    static final String TENSORS = "adapter_model.safetensors";

    private static final List<String> FILES = List.of(CONFIG, TENSORS);
    private static final long LARGEST_CONFIG = 1 << 20;
    private static final int MOST_ENTRIES = 10_000;
    private static final long LARGEST_DIRECTORY = 4 << 20;
    private static final int VERSION_DIGITS = 12;
    private static final String SUBJECT = "upload";

    private PeftFolder() {}

    /**
     * Takes the two files out of a zip, wherever in it they lie, and nothing else; no name in it becomes a path.
     *
     * @param largest bytes of a file at most, unpacked, whatever the zip says
     * @throws ContractException if they are not in it
     */
    static void unpack(Path zip, Path folder, long largest) throws IOException {
        long directory = ZipDirectory.bytes(zip);
        if (directory > LARGEST_DIRECTORY) {
            throw broken("file", "has a directory of " + directory + " bytes", "at most " + LARGEST_DIRECTORY);
        }
        var found = new HashSet<String>();
        try (var archive = new ZipFile(zip.toFile())) {
            if (archive.size() > MOST_ENTRIES) {
                throw broken("file", "has " + archive.size() + " entries", "at most " + MOST_ENTRIES);
            }
            for (var entries = archive.entries(); entries.hasMoreElements(); ) {
                var entry = entries.nextElement();
                requireInside(entry.getName());
                var name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
                if (FILES.contains(name)) {
                    if (!found.add(name)) {
                        throw broken("file", "has more than one " + name, "one adapter");
                    }
                    try (var in = archive.getInputStream(entry)) {
                        copy(in, folder.resolve(name), name.equals(CONFIG) ? LARGEST_CONFIG : largest, name);
                    }
                }
            }
        } catch (ZipException e) {
            throw broken("file", "is no zip: " + e.getMessage(), "a zip with a PEFT folder");
        }
        for (var name : FILES) {
            if (!found.contains(name)) {
                throw broken("file", "has no " + name, "a zip with " + String.join(" and ", FILES));
            }
        }
    }

    private static void requireInside(String name) {
        if (name.startsWith("/") || name.contains("\\") || ("/" + name + "/").contains("/../")) {
            throw broken("file", "holds " + Shown.value(name) + ", which leads out of it", "names below its own root");
        }
    }

    private static void copy(InputStream in, Path to, long largest, String name) throws IOException {
        var buffer = new byte[1 << 16];
        long left = largest;
        try (var out = Files.newOutputStream(to)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                left -= n;
                if (left < 0) {
                    throw ApiException.tooLarge(name + " is larger than the " + largest + " bytes that are taken");
                }
                out.write(buffer, 0, n);
            }
        }
    }

    /**
     * What is to be said of an adapter that lies in a folder: named by its hash, made for the base that is served.
     *
     * @param system the system prompt that it was trained with; null: the model's own default
     * @throws ContractException if its configuration is none
     */
    static CheckpointEvent describe(String adapter, Path folder, String system, BaseModel base) throws IOException {
        var config = Json.parse(Files.readAllBytes(folder.resolve(CONFIG)), CONFIG);
        var files = new ArrayList<CheckpointFile>();
        for (var name : FILES) {
            var file = folder.resolve(name);
            files.add(new CheckpointFile(name, Digests.sha256(file), Files.size(file)));
        }
        return new CheckpointEvent(
                adapter,
                version(files, system),
                folder.toUri(),
                files,
                base,
                rank(config),
                number(config, "lora_alpha", rank(config)),
                config.path("use_rslora").asBoolean(),
                config.path("use_dora").asBoolean(),
                targets(config.path("target_modules")),
                system,
                List.of(),
                null,
                Instant.now());
    }

    private static int rank(JsonNode config) {
        return (int) number(config, "r", 0);
    }

    private static double number(JsonNode config, String field, double otherwise) {
        var value = config.path(field);
        if (!value.isMissingNode() && !value.isNumber()) {
            throw new ContractException(CONFIG, new Problem(field, "is " + Shown.value(value), "a number"));
        }
        return value.isMissingNode() ? otherwise : value.doubleValue();
    }

    /** A list, or an expression that names them all. */
    private static List<String> targets(JsonNode targets) {
        return targets.isTextual()
                ? List.of(targets.textValue())
                : targets.valueStream().map(JsonNode::asText).toList();
    }

    private static String version(List<CheckpointFile> files, String system) {
        var digest = digest();
        files.forEach(file -> digest.update((file.name() + " " + file.sha256() + "\n").getBytes(UTF_8)));
        if (system != null) {
            digest.update(("system " + system).getBytes(UTF_8));
        }
        return "upload-" + HexFormat.of().formatHex(digest.digest()).substring(0, VERSION_DIGITS);
    }

    /** Writes files into a zip under the names that an event has for them. */
    static void pack(List<CheckpointFile> names, List<Path> files, OutputStream out) throws IOException {
        var zip = new ZipOutputStream(out);
        // weights are noise to it
        zip.setLevel(1);
        for (int i = 0; i < names.size(); i++) {
            zip.putNextEntry(new ZipEntry(names.get(i).name()));
            Files.copy(files.get(i), zip);
            zip.closeEntry();
        }
        zip.finish();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static ContractException broken(String field, String problem, String expected) {
        return new ContractException(SUBJECT, new Problem(field, problem, expected));
    }
}
