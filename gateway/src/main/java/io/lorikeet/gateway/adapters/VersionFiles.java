package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import io.lorikeet.store.AdapterStore;
import io.lorikeet.store.Digests;
import io.lorikeet.store.Incoming;
import io.lorikeet.store.StoreException;
import io.lorikeet.store.Trash;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3Client;

/** The files of versions, in the adapter store that trainers and replicas share. */
@ApplicationScoped
public class VersionFiles {
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Optional<Path> root;
    private final Optional<AdapterStore> store;
    private final long largest;

    VersionFiles(GatewayConfig config, Instance<S3Client> s3) {
        root = config.adaptersRoot().map(path -> path.toAbsolutePath().normalize());
        store = root.map(path -> AdapterStore.open(
                config.adaptersStore(), path, config.adaptersCacheSize().asLongValue(), s3::get));
        largest = config.maxAdapterFileSize().asLongValue();
    }

    /** Largest file that is taken. */
    long largest() {
        return largest;
    }

    /** A version's files, each with the bytes that its checkpoint event says. */
    List<Path> read(CheckpointEvent checkpoint) {
        var files = checkpoint.files().stream()
                .map(file -> stored(() -> store().fetch(checkpoint, file)))
                .toList();
        for (int i = 0; i < files.size(); i++) {
            var expected = checkpoint.files().get(i);
            if (!sha256(files.get(i)).equalsIgnoreCase(expected.sha256())) {
                throw ApiException.conflict(checkpoint.adapter() + " " + checkpoint.version() + ": " + expected.name()
                        + " in the store is not the file that was published");
            }
        }
        return files;
    }

    /**
     * A folder for a version that is being received; it goes with {@link #drop}.
     *
     * @throws ApiException 404 if the gateway has no adapter store
     */
    Path incoming() {
        store();
        try {
            return Incoming.in(root.orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was received and is not kept. */
    static void drop(Path incoming) {
        try {
            Trash.delete(incoming);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(Path file) {
        try {
            return Digests.sha256(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps what was received, and says where. */
    CheckpointEvent keep(Path incoming, CheckpointEvent checkpoint) {
        var place = root.orElseThrow().resolve(checkpoint.adapter()).resolve(checkpoint.version());
        try {
            Files.createDirectories(place.getParent());
            // a version is named by what it holds: one that is there is the same
            if (!Files.isDirectory(place)) {
                Files.move(incoming, place, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stored(() -> store().keep(checkpoint.withUri(place.toUri()), () -> {}));
    }

    /** Deletes a version's files. */
    void delete(CheckpointEvent checkpoint) {
        var _ = stored(() -> {
            store().delete(checkpoint);
            return checkpoint;
        });
    }

    private static <T> T stored(Supplier<T> step) {
        try {
            return step.get();
        } catch (StoreException e) {
            throw switch (e.kind()) {
                case MISSING -> ApiException.notFound(e.getMessage());
                case AWAY -> ApiException.unavailable(e.getMessage(), RETRY, e);
                case OUTSIDE, UNREADABLE, SIZE_MISMATCH, CHECKSUM_MISMATCH -> ApiException.conflict(e.getMessage());
                case DENIED -> ApiException.badGateway(e.getMessage(), e);
            };
        }
    }

    private AdapterStore store() {
        return store.orElseThrow(() -> ApiException.of(new ApiError(
                404,
                "this gateway has no adapter store: its setting LORIKEET_ADAPTERS_ROOT names no folder. It has to be the one"
                        + " that trainers and replicas share",
                null,
                "no_adapter_store",
                List.of(),
                Optional.empty())));
    }
}
