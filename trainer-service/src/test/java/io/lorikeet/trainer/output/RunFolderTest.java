package io.lorikeet.trainer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir
    Path output;

    @Test
    void countsRuns() throws IOException {
        var first = RunFolder.create(output);
        var second = RunFolder.create(output);

        assertThat(first.path().getFileName().toString()).matches("v0-\\d{8}-\\d{6}");
        assertThat(second.path().getFileName().toString()).matches("v1-\\d{8}-\\d{6}");
    }

    @Test
    void aCheckpointThatFailsInTheMiddleIsNotThere() throws IOException {
        var run = RunFolder.create(output);

        assertThatThrownBy(() -> DurableFiles.writeFolder(run.checkpoint(5), folder -> {
                    Files.writeString(folder.resolve("half"), "x");
                    throw new IOException("No space left on device");
                }))
                .hasMessage("No space left on device");

        assertThat(run.latest()).isEmpty();
        assertThat(run.path()).isEmptyDirectory();
    }

    @Test
    void doesNotTakeWhatACrashLeftForACheckpoint() throws IOException {
        var run = RunFolder.create(output);
        Files.createDirectories(run.path().resolve(".checkpoint-7.tmp"));
        DurableFiles.writeFolder(run.checkpoint(5), folder -> Files.writeString(folder.resolve("a"), "x"));

        assertThat(run.latest()).map(RunFolder.Checkpoint::step).contains(5);

        DurableFiles.writeFolder(run.checkpoint(7), folder -> Files.writeString(folder.resolve("a"), "x"));
        assertThat(run.checkpoint(7)).isDirectoryContaining("glob:**/a");
        assertThat(run.latest()).map(RunFolder.Checkpoint::step).contains(7);
    }

    @Test
    void keepsTheBestAndTheLatest() throws IOException {
        var run = RunFolder.create(output);
        for (int step : new int[] {5, 10, 15, 100}) {
            Files.createDirectories(run.checkpoint(step));
        }

        run.rotate(2, Optional.of("checkpoint-10"));

        assertThat(run.checkpoints()).extracting(RunFolder.Checkpoint::step).containsExactly(10, 100);
    }

    @Test
    void neverDeletesTheOnlyCheckpoint() throws IOException {
        var run = RunFolder.create(output);
        Files.createDirectories(run.checkpoint(5));

        run.rotate(1, Optional.empty());

        assertThat(run.checkpoints()).hasSize(1);
    }
}
