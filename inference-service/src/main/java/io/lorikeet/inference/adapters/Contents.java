package io.lorikeet.inference.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.engine.adapter.PeftAdapter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;

/**
 * What makes a version what it is, told in few bytes, since a track remembers many versions.
 *
 * @param sha256 over the adapter's files (name and SHA-256 of each) and its system prompt
 */
record Contents(String sha256) {
    private static final Set<String> ADAPTER = Set.of(PeftAdapter.CONFIG_FILE, PeftAdapter.TENSORS_FILE);

    static Contents of(CheckpointEvent event) {
        var digest = digest();
        event.files().stream()
                .filter(file -> ADAPTER.contains(file.name()))
                .sorted(Comparator.comparing(CheckpointFile::name))
                .forEach(file -> digest.update((file.name() + " " + file.sha256() + "\n").getBytes(UTF_8)));
        // no system prompt is something else than an empty one
        if (event.system() != null) {
            digest.update(("system " + event.system()).getBytes(UTF_8));
        }
        return new Contents(HexFormat.of().formatHex(digest.digest()));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
