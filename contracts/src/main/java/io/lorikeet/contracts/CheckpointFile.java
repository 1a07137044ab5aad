package io.lorikeet.contracts;

/**
 * A file of a checkpoint folder.
 *
 * @param name relative to the folder
 * @param sha256 64 hexadecimal digits
 * @param size bytes
 */
public record CheckpointFile(String name, String sha256, long size) {}
