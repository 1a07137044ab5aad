package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.store.FolderStore;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterFilesTest {
    private static final String CONFIG = "adapter_config.json";
    private static final String TENSORS = "adapter_model.safetensors";
    private static final String CONFIG_SHA256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    private static final String TENSORS_SHA256 = "a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa";

    @TempDir
    Path temp;

    private Path root;
    private Path folder;
    private AdapterFiles files;

    @BeforeEach
    void writeAnAdapter() throws IOException {
        root = Files.createDirectories(temp.resolve("adapters"));
        folder = Files.createDirectories(root.resolve("a/1"));
        fill(folder);
        files = new AdapterFiles(new FolderStore(root), 1_000);
    }

    @Test
    void readsWhatTheEventSays() {
        assertThat(files.read(event(folder.toUri()), CONFIG))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("x");
        assertThat(files.read(event(folder.toUri()), TENSORS))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("y");
    }

    @Test
    void refusesAFileWithOtherBytesOfTheSameLength() throws IOException {
        Files.writeString(folder.resolve(TENSORS), "z");

        assertRejected(event(folder.toUri()), RejectionReason.CHECKSUM_MISMATCH);
    }

    @Test
    void refusesAFileOfAnotherSize() throws IOException {
        Files.writeString(folder.resolve(TENSORS), "yy");

        assertRejected(event(folder.toUri()), RejectionReason.SIZE_MISMATCH);
    }

    @Test
    void refusesAFileAboveTheLimitWithoutReadingIt() throws IOException {
        Files.writeString(folder.resolve(TENSORS), "y".repeat(1_001));

        assertRejected(event(folder.toUri()), RejectionReason.FILE_TOO_LARGE);
    }

    @Test
    void saysThatAFileIsNotThere() throws IOException {
        Files.delete(folder.resolve(TENSORS));

        assertRejected(event(folder.toUri()), RejectionReason.FILE_MISSING);
    }

    @Test
    void saysThatTheFolderIsNotThere() {
        assertRejected(event(root.resolve("a/2").toUri()), RejectionReason.FILE_MISSING);
    }

    @Test
    void refusesAnEventThatNamesNoTensors() {
        var event = Checkpoints.event(
                "a", "1", folder.toUri(), List.of(new CheckpointFile(CONFIG, CONFIG_SHA256, 1)), "sha256:0");

        assertRejected(event, RejectionReason.MALFORMED_EVENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1/a/1",
                "s3://bucket/a/1",
                "jar:file:/a.jar!/a/1",
                "file://elsewhere/a/1",
                "relative/a/1",
                "file:/etc",
                "file:/a/1?b=c"
            })
    void refusesWhatIsNoFolderOfTheRoot(String uri) {
        assertRejected(event(URI.create(uri)), RejectionReason.URI_REFUSED);
    }

    @Test
    void refusesAPathThatClimbsOutOfTheRoot() throws IOException {
        fill(Files.createDirectories(temp.resolve("outside")));

        assertRejected(event(URI.create(root.toUri() + "../outside")), RejectionReason.URI_REFUSED);
        assertRejected(event(URI.create(root.toUri() + "%2e%2e/outside")), RejectionReason.URI_REFUSED);
    }

    @Test
    void refusesAFolderThatIsALinkOutOfTheRoot() throws IOException {
        var outside = Files.createDirectories(temp.resolve("outside"));
        fill(outside);
        Files.createSymbolicLink(root.resolve("link"), outside);

        assertRejected(event(root.resolve("link").toUri()), RejectionReason.URI_REFUSED);
    }

    @Test
    void refusesAFileThatIsALinkOutOfTheRoot() throws IOException {
        var outside = Files.writeString(temp.resolve("outside"), "y");
        Files.delete(folder.resolve(TENSORS));
        Files.createSymbolicLink(folder.resolve(TENSORS), outside);

        assertRejected(event(folder.toUri()), RejectionReason.URI_REFUSED);
    }

    @Test
    void refusesAFolderInTheFilesPlace() throws IOException {
        Files.delete(folder.resolve(TENSORS));
        Files.createDirectory(folder.resolve(TENSORS));

        assertRejected(event(folder.toUri()), RejectionReason.FILE_UNREADABLE);
    }

    @Test
    void readsARootThatIsItselfALink() throws IOException {
        var link = Files.createSymbolicLink(temp.resolve("link-to-root"), root);

        var bytes = new AdapterFiles(new FolderStore(link), 1_000)
                .read(event(link.resolve("a/1").toUri()), CONFIG);

        assertThat(bytes).asString(StandardCharsets.UTF_8).isEqualTo("x");
    }

    private static void fill(Path folder) throws IOException {
        Files.writeString(folder.resolve(CONFIG), "x");
        Files.writeString(folder.resolve(TENSORS), "y");
    }

    private static CheckpointEvent event(URI uri) {
        return Checkpoints.event(
                "a",
                "1",
                uri,
                List.of(
                        new CheckpointFile(CONFIG, CONFIG_SHA256, 1),
                        new CheckpointFile("optimizer.safetensors", "0".repeat(64), 1L << 40),
                        new CheckpointFile(TENSORS, TENSORS_SHA256, 1)),
                "sha256:0");
    }

    private void assertRejected(CheckpointEvent event, RejectionReason reason) {
        assertThatThrownBy(() -> files.read(event, TENSORS))
                .asInstanceOf(type(AdapterRejectedException.class))
                .extracting(AdapterRejectedException::reason)
                .isEqualTo(reason.label());
    }
}
