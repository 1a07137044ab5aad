package io.lorikeet.trainer.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.files.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobDataTest {
    @TempDir
    Path folder;

    private final TrainCommand command = (TrainCommand) TrainingCommand.parse("""
            {"type": "train", "job_id": "j", "adapter": "a", "dataset": ["d.json#2", "e.json"], "val_dataset": ["v.json"]}
            """.getBytes(UTF_8));
    private DatasetLoader loader;
    private JobData data;

    @BeforeEach
    void begin() throws IOException {
        for (String name : List.of("d.json", "e.json", "v.json")) {
            Files.writeString(folder.resolve(name), "[]");
        }
        loader = new DatasetLoader(Root.anywhere(folder), () -> {});
        data = new JobData(Files.createDirectories(folder.resolve("job")));
    }

    @Test
    void namesTheFileThatChangedAfterTheFirstTry() throws IOException {
        assertThat(data.changed(command, loader)).as("no try yet").isEmpty();
        keep();
        assertThat(data.changed(command, loader)).as("nothing changed").isEmpty();

        Files.writeString(folder.resolve("v.json"), "[ ]");

        assertThat(data.changed(command, loader)).hasValueSatisfying(why -> assertThat(why)
                .startsWith("dataset 'v.json' has changed since job 'j' began (SHA-256 4f53cda18c2b… then, ")
                .endsWith("a job id names a command and its data, take a new one"));
        keep();
        assertThat(data.changed(command, loader)).as("the first try counts").isPresent();
    }

    @Test
    void holdsNothingAgainstAFileThatIsGone() throws IOException {
        keep();
        Files.delete(folder.resolve("d.json"));

        assertThat(data.changed(command, loader)).isEmpty();
    }

    private void keep() throws IOException {
        data.keep(loader.digests(List.of("d.json", "e.json", "v.json")));
    }
}
