package io.lorikeet.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrashTest {
    @TempDir
    Path parent;

    @Test
    void whatADeletionThatWasCutOffHasLeftHasAnotherNameAndIsSweptAway() throws IOException {
        Path kept = folder("checkpoint-2");
        Path cutOff = folder(".checkpoint-1.deleted");

        Trash.sweep(parent);

        assertThat(cutOff).doesNotExist();
        assertThat(kept.resolve("sub/file")).exists();
    }

    @Test
    void deletesAFolderOverTheRestOfAnEarlierDeletion() throws IOException {
        Path folder = folder("checkpoint-1");
        folder(".checkpoint-1.deleted");

        Trash.delete(folder);
        Trash.delete(folder);

        assertThat(parent).isEmptyDirectory();
    }

    private Path folder(String name) throws IOException {
        Path folder = parent.resolve(name);
        Files.createDirectories(folder.resolve("sub"));
        Files.writeString(folder.resolve("sub/file"), "content");
        return folder;
    }
}
