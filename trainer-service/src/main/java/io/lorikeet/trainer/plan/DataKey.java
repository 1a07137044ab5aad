package io.lorikeet.trainer.plan;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Digest of all that the tokenised rows of a job depend on: every file of the data, the model's tokenizer and template, and
 * the settings. A setting that is added counts from the beginning; those that are known not to matter are left out.
 */
final class DataKey {
    /** To be raised with every change that makes other tokens, labels, weights or words of the same rows. */
    static final int FORMAT = 1;

    private static final List<String> NO_MATTER = List.of("dataloader_num_workers", "split_dataset_ratio", "streaming");

    private DataKey() {}

    /**
     * @param model folder of the base
     * @param maxLength tokens of a row
     * @param files the data as it is now
     */
    static String of(TrainCommand command, Path model, int maxLength, List<DatasetFile> files) throws IOException {
        ObjectNode settings = Json.mapper().valueToTree(command.settings().data());
        settings.remove(NO_MATTER);
        settings.put("max_length", maxLength);
        MessageDigest digest = sha256();
        add(digest, FORMAT);
        add(digest, command.dataset());
        add(digest, command.rows());
        add(digest, command.acceptance());
        add(digest, settings);
        add(digest, files);
        for (Path file : DurableFiles.list(model)) {
            String name = file.getFileName().toString();
            if (Files.isRegularFile(file) && (name.endsWith(".json") || name.endsWith(".jinja"))) {
                add(digest, name);
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, Object part) {
        digest.update(Json.write(part));
        digest.update("\n".getBytes(UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
