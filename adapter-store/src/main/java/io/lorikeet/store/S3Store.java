package io.lorikeet.store;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.store.StoreException.Kind;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A bucket, or a part of one. Keys are those of the adapters root: {@code <adapter>/<job id>/<run>/checkpoint-<step>/} and
 * the file's name. The last object of a checkpoint is {@value #MANIFEST}, the event that makes it served: what has none is
 * not whole.
 */
public final class S3Store implements AdapterStore {
    /** The checkpoint event, as it is published. */
    public static final String MANIFEST = "checkpoint.json";

    private static final Logger LOG = LoggerFactory.getLogger(S3Store.class);
    private static final int PART_BYTES = 16 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");

    private final S3Location location;
    private final Path root;
    private final S3Upload upload;
    private final S3Download download;
    private final S3Deletion deletion;

    S3Store(S3Client s3, S3Location location, Path root, long cacheBytes) {
        this(s3, location, root, cacheBytes, PART_BYTES);
    }

    /** @param partBytes larger files are sent in parts of so many bytes */
    S3Store(S3Client s3, S3Location location, Path root, long cacheBytes, int partBytes) {
        this.location = location;
        this.root = root.toAbsolutePath().normalize();
        this.upload = new S3Upload(s3, partBytes);
        this.deletion = new S3Deletion(s3);
        this.download = new S3Download(s3, new FileCache(this.root.resolve(".fetched"), cacheBytes));
    }

    @Override
    public CheckpointEvent keep(CheckpointEvent local, Runnable alive) {
        var folder = Path.of(local.uri()).toAbsolutePath().normalize();
        if (!folder.startsWith(root)) {
            throw new StoreException(Kind.OUTSIDE, folder + " is outside the adapters root " + root);
        }
        var place = location.resolve(root.relativize(folder).toString().replace('\\', '/'));
        for (var file : local.files()) {
            upload.file(folder.resolve(file.name()), file, place.resolve(file.name()), alive);
        }
        var kept = local.withUri(place.uri());
        upload.manifest(Json.write(kept), place.resolve(MANIFEST));
        LOG.info("version {} of adapter {} is kept in {}", kept.version(), kept.adapter(), kept.uri());
        return kept;
    }

    @Override
    public boolean holds(CheckpointEvent checkpoint) {
        return location.below(checkpoint.uri())
                .filter(place -> upload.isThere(place.resolve(MANIFEST))
                        && checkpoint.files().stream()
                                .allMatch(file -> upload.isThere(file, place.resolve(file.name()))))
                .isPresent();
    }

    /** The word that it is whole goes first. */
    @Override
    public void delete(CheckpointEvent checkpoint) {
        var place = location.below(checkpoint.uri())
                .orElseThrow(() -> new StoreException(
                        Kind.OUTSIDE, checkpoint.uri() + " is not in the store " + location + " and is not deleted"));
        deletion.delete(place.resolve(MANIFEST));
        for (var file : checkpoint.files()) {
            deletion.delete(place.resolve(file.name()));
        }
        LOG.info("version {} of adapter {} was deleted from {}", checkpoint.version(), checkpoint.adapter(), place);
    }

    @Override
    public Path fetch(CheckpointEvent checkpoint, CheckpointFile expected) {
        var place = location.below(checkpoint.uri())
                .filter(_ -> NAME.matcher(expected.name()).matches())
                .orElseThrow(() -> new StoreException(
                        Kind.OUTSIDE,
                        "uri %s with file '%s' is refused: it is not in the store %s"
                                .formatted(checkpoint.uri(), expected.name(), location)));
        return download.file(place.resolve(expected.name()), expected);
    }
}
