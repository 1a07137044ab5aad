package io.lorikeet.contracts;

import java.util.Objects;

/**
 * A file that rows were read from.
 *
 * @param path as the command names it, without the count
 * @param sha256 of its bytes as they stand on disk
 * @param bytes of the file
 */
public record DatasetFile(String path, String sha256, long bytes) {
    public DatasetFile {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(sha256, "sha256");
    }
}
