package io.lorikeet.contracts;

/**
 * A file of a checkpoint folder.
 *
 * @param name relative to the folder
 * @param sha256 64 hexadecimal digits
 * @param size bytes
 */
public record CheckpointFile(String name, String sha256, long size) {
    public CheckpointFile {
        Checks.matches("name", name, "[^\\p{Cntrl}]{1,255}");
        Checks.matches("sha256", sha256, "[0-9a-fA-F]{64}");
        Checks.atLeast("size", size, 0);
    }
}
