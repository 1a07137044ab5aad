package io.lorikeet.trainer.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.trainer.RunException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFolderTest {
    @TempDir
    Path root;

    @Test
    void outputDirSaysWhereTheRunIsAndStaysUnderTheRoot() throws IOException {
        assertThat(folder(command("")).run(command("")).path().getParent()).isEqualTo(root.resolve("bird/job"));
        TrainCommand elsewhere = command(", \"output_dir\": \"nightly/birds\"");
        assertThat(folder(elsewhere).run(elsewhere).path().getParent()).isEqualTo(root.resolve("nightly/birds"));

        TrainCommand outside = command(", \"output_dir\": \"../birds\"");
        assertThatThrownBy(() -> folder(outside).run(outside))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("output_dir: '../birds' is not a folder under the adapters root");
    }

    @Test
    void theSameCommandFindsItsRunAndAnotherOneBeginsAnew() throws IOException {
        TrainCommand command = command("");
        Path first = folder(command).run(command).path();

        assertThat(folder(command).run(command).path()).isEqualTo(first);
        assertThat(folder(command).run(command(", \"lora_rank\": 4")).path()).isNotEqualTo(first);
    }

    @Test
    void aTryThatNeverEndedIsNotedByTheNextOne() throws IOException {
        JobFolder folder = folder(command(""));
        folder.lock("record").orElseThrow().close();
        assertThat(folder.begin()).isZero();
        folder.end();
        folder.begin();

        assertThat(folder.begin()).isEqualTo(1);
        assertThat(folder.failed("checkpoint", "no room\nat all")).isEqualTo(2);
        assertThat(folder.failures())
                .containsExactly(
                        "try 1, trainer: ended without a word: it was killed, or the machine went down",
                        "try 2, checkpoint: no room at all");
    }

    private JobFolder folder(TrainCommand command) {
        return JobFolder.of(root, command);
    }

    private static TrainCommand command(String more) {
        return (TrainCommand) TrainingCommand.parse(
                ("{\"type\": \"train\", \"job_id\": \"job\", \"adapter\": \"bird\", \"dataset\": [\"d.json\"]" + more
                                + "}")
                        .getBytes(UTF_8));
    }
}
