package io.lorikeet.gateway.files;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Shown;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.openai.ObjectId;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The folder {@code uploads} of the data root, which all gateways share and trainers read: {@code file-ID.jsonl} beside
 * {@code file-ID.json}, a note of what it is called, without which there is no such file. Whatever is here is whole: it was
 * written under another name and moved.
 */
@ApplicationScoped
public class Uploads {
    /** The one purpose that files are taken for. */
    static final String PURPOSE = "fine-tune";

    private static final String FOLDER = "uploads";
    private static final String FILE = "file-";
    private static final int ID_LENGTH = 24;
    private static final String FILE_ID = FILE + "[a-z0-9]{" + ID_LENGTH + "}";
    private static final String NOTE = ".json";
    private static final String ROWS = ".jsonl";

    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r-----");

    private final Optional<Path> folder;

    Uploads(GatewayConfig config) {
        folder = config.dataRoot().map(root -> root.resolve(FOLDER));
    }

    /**
     * Where they lie.
     *
     * @throws ApiException 404 if the gateway has no data root
     */
    public Path folder() {
        return folder.orElseThrow(() -> ApiException.of(new ApiError(
                404,
                "this gateway takes no files: its setting LORIKEET_DATA_ROOT names no folder. It has to be the one that the"
                        + " trainers read data from; POST /v1/training/jobs trains on rows in the request itself",
                null,
                "no_data_root",
                List.of(),
                Optional.empty())));
    }

    /** Takes a file of rows from where it was received; it is checked by then. */
    StoredFile take(Path received, String filename) throws IOException {
        var id = ObjectId.next(FILE, ID_LENGTH);
        settle(received);
        var file = StoredFile.processed(id, Files.size(received), Instant.now().getEpochSecond(), filename);
        Files.move(received, folder().resolve(id + ROWS), StandardCopyOption.ATOMIC_MOVE);
        note(id, file);
        return file;
    }

    /** Every file's id, the oldest first. */
    List<String> ids() {
        return notes(FILE).stream().filter(id -> id.matches(FILE_ID)).toList();
    }

    /** A file. */
    public Optional<StoredFile> find(String id) {
        return id.matches(FILE_ID) ? noted(id, StoredFile.class) : Optional.empty();
    }

    /** A file that has to be there. */
    StoredFile get(String id) {
        return find(id).orElseThrow(() -> ApiException.notFound("there is no file " + Shown.name(id)));
    }

    /** What a training command calls it. */
    public String path(StoredFile file) {
        return FOLDER + "/" + file.id() + ROWS;
    }

    Path rows(StoredFile file) {
        return folder().resolve(file.id() + ROWS);
    }

    void delete(StoredFile file) throws IOException {
        Files.deleteIfExists(folder().resolve(file.id() + NOTE));
        Files.deleteIfExists(rows(file));
    }

    /** Keeps a note under a name. */
    public void note(String name, Object note) throws IOException {
        var temporary = Files.createTempFile(Files.createDirectories(folder()), ".", NOTE);
        Files.write(temporary, Json.write(note));
        settle(temporary);
        Files.move(temporary, folder().resolve(name + NOTE), StandardCopyOption.ATOMIC_MOVE);
    }

    /** What was kept under a name, which has to be one that {@link #notes} could give. */
    public <T> Optional<T> noted(String name, Class<T> type) {
        try {
            return Optional.of(Json.read(Files.readAllBytes(folder().resolve(name + NOTE)), type));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names of all notes that begin so, in order. */
    public List<String> notes(String prefix) {
        try (var entries = Files.list(folder())) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.startsWith(prefix) && name.endsWith(NOTE))
                    .map(name -> name.substring(0, name.length() - NOTE.length()))
                    .sorted(Comparator.naturalOrder())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Brings it to disk, for the trainers of its group to read; a temporary file is its owner's alone. */
    private static void settle(Path file) throws IOException {
        var permissions = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (permissions != null) {
            permissions.setPermissions(READABLE);
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
