package io.lorikeet.store;

import static io.lorikeet.store.StoreException.Kind.MISSING;
import static io.lorikeet.store.StoreException.Kind.OUTSIDE;
import static io.lorikeet.store.StoreException.Kind.UNREADABLE;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The adapters root itself, a folder that trainers and replicas share. Nothing outside it is found, whatever an event says
 * and wherever links lead.
 */
public final class FolderStore implements AdapterStore {
    private final Path root;

    /**
     * A store that is a folder.
     *
     * @param root may be missing until the first adapter is there
     */
    public FolderStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** The trainer writes it here in the first place: under another name, moved when it is whole. */
    @Override
    public CheckpointEvent keep(CheckpointEvent local, Runnable alive) {
        return local;
    }

    @Override
    public Path fetch(CheckpointEvent checkpoint, CheckpointFile expected) {
        var folder = folder(checkpoint.uri());
        return real(folder.resolve(expected.name()), folder + ": " + expected.name());
    }

    @Override
    public boolean holds(CheckpointEvent checkpoint) {
        try {
            for (CheckpointFile file : checkpoint.files()) {
                if (Files.size(fetch(checkpoint, file)) != file.size()) {
                    return false;
                }
            }
            return true;
        } catch (StoreException e) {
            if (e.kind() == MISSING || e.kind() == OUTSIDE) {
                return false;
            }
            throw e;
        } catch (IOException e) {
            throw new StoreException(UNREADABLE, checkpoint.uri() + " cannot be read: " + e, e);
        }
    }

    @Override
    public void delete(CheckpointEvent checkpoint) {
        try {
            Trash.delete(folder(checkpoint.uri()));
        } catch (StoreException e) {
            if (e.kind() != MISSING) {
                throw e;
            }
        } catch (IOException e) {
            throw new StoreException(UNREADABLE, checkpoint.uri() + " cannot be deleted: " + e, e);
        }
    }

    private Path folder(URI uri) {
        if (!"file".equalsIgnoreCase(uri.getScheme())) {
            throw refused(uri, "only file: URIs are read");
        }
        Path folder;
        try {
            folder = Path.of(uri).normalize();
        } catch (IllegalArgumentException e) {
            throw refused(uri, e.getMessage());
        }
        // refused by its spelling, before the file system is asked anything about it
        if (!folder.startsWith(root) && !folder.startsWith(realRoot())) {
            throw refused(uri, "it is outside the adapters root " + root);
        }
        return real(folder, "folder " + folder);
    }

    /** Where {@code path} really is, which must be below the root, all links followed. */
    private Path real(Path path, String what) {
        try {
            var real = path.toRealPath();
            if (!real.startsWith(realRoot())) {
                throw new StoreException(OUTSIDE, what + " leads to " + real + ", outside the adapters root " + root);
            }
            return real;
        } catch (NoSuchFileException e) {
            throw new StoreException(MISSING, what + " is not there", e);
        } catch (IOException e) {
            throw new StoreException(UNREADABLE, what + " cannot be read: " + e, e);
        }
    }

    private Path realRoot() {
        try {
            return root.toRealPath();
        } catch (IOException e) {
            throw new StoreException(MISSING, "the adapters root " + root + " is not there", e);
        }
    }

    private static StoreException refused(URI uri, String why) {
        return new StoreException(OUTSIDE, "uri " + uri + " is refused: " + why);
    }
}
