package io.lorikeet.store;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import java.nio.file.Path;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Where trainers keep checkpoints and replicas find them. A checkpoint in it is immutable, and there whole before anybody
 * hears of it: its event is published after {@link #keep} has returned.
 */
public sealed interface AdapterStore permits FolderStore, S3Store {

    /**
     * Keeps a checkpoint that lies in a folder below the adapters root. What an earlier try has kept of it is not sent
     * again.
     *
     * @param local its {@code uri} is that folder
     * @param alive called now and then while it takes its time
     * @return the same checkpoint with its {@code uri} in the store
     * @throws StoreException if it is not kept whole
     */
    CheckpointEvent keep(CheckpointEvent local, Runnable alive);

    /**
     * Whether every file of a checkpoint that was kept here is there, of its size; its bytes are not looked into.
     *
     * @throws StoreException if that cannot be told
     */
    boolean holds(CheckpointEvent checkpoint);

    /**
     * Deletes a checkpoint that was kept here; of one that an earlier try has begun to delete, what is left. From its
     * beginning on nobody takes it for a whole one.
     *
     * @throws StoreException if some of it may be left
     */
    void delete(CheckpointEvent checkpoint);

    /**
     * A file of a checkpoint as a local file, for reading at once. Where it had to be brought here it has the size and
     * the SHA-256 of {@code expected}; a file that was here anyway is not looked into.
     *
     * @throws StoreException if it is not there, not what was expected, or not in this store at all
     */
    Path fetch(CheckpointEvent checkpoint, CheckpointFile expected);

    /**
     * The store that a setting names.
     *
     * @param setting {@code file:}, the adapters root itself; or {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX}
     * @param root the local folder of adapters: the store, or what is sent to it and fetched from it
     * @param cacheBytes how much may lie here of what was fetched from a bucket
     * @param s3 asked only if the store is a bucket
     * @throws IllegalArgumentException if the setting names no store
     */
    static AdapterStore open(String setting, Path root, long cacheBytes, Supplier<S3Client> s3) {
        if (setting.equals("file:")) {
            return new FolderStore(root);
        }
        if (setting.startsWith("s3:")) {
            return new S3Store(s3.get(), S3Location.parse(setting), root, cacheBytes);
        }
        throw new IllegalArgumentException(
                "'%s' names no adapter store; 'file:' is the adapters root itself, s3://BUCKET/PREFIX a bucket"
                        .formatted(setting));
    }
}
