package io.lorikeet.contracts;

/**
 * A file that rows were read from.
 *
 * @param path as the command names it, without the count
 * @param sha256 of its bytes as they stand on disk, 64 hexadecimal digits
 * @param bytes of the file
 */
public record DatasetFile(String path, String sha256, long bytes) {
    public DatasetFile {
        Checks.present("path", path);
        Checks.matches("sha256", sha256, "[0-9a-fA-F]{64}");
        Checks.atLeast("bytes", bytes, 0);
    }
}
