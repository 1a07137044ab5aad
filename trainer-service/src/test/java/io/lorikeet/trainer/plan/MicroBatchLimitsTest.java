package io.lorikeet.trainer.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How large micro-batches become by themselves. */
class MicroBatchLimitsTest {
    private static final Path MODEL = Path.of("..", "models", "fledgling");
    private static final int ROWS = 1000;

    @TempDir
    private Path shared;

    private final List<String> warnings = new ArrayList<>();

    @Test
    void oneThatGivesWayToRequestsIsSmallEnoughToBeWaitedFor() {
        assertThat(limits(Sharing.OFF, "", 100).maxTokensPerPass()).isEqualTo(4096);
        assertThat(limits(Sharing.in(shared), "", 100).maxTokensPerPass()).isEqualTo(2048);
        assertThat(limits(new Sharing(Optional.of(shared), 1), "", 100).maxTokensPerPass())
                .as("that never waits")
                .isEqualTo(4096);
    }

    @Test
    void theJobsOwnLimitIsTaken() {
        assertThat(limits(Sharing.in(shared), ", \"max_tokens_per_pass\": 3000", 100)
                        .maxTokensPerPass())
                .isEqualTo(3000);
    }

    private TrainingOptions limits(Sharing sharing, String settings, int longestRow) {
        var undecided = new TrainingOptions(
                        MODEL,
                        List.of(Device.CPU),
                        DType.F32,
                        DType.F32,
                        Optional.of(new LoraConfig(8, 32, 0, LoraConfig.allLinear(), false)),
                        new AdamW(0.9, 0.999, 1e-8, 0.1),
                        1.0,
                        1,
                        1,
                        true)
                .with(sharing);
        var command = (TrainCommand) TrainingCommand.parse(
                ("{\"type\": \"train\", \"job_id\": \"job\", \"adapter\": \"bird\", \"dataset\": [\"d.json\"]"
                                + settings + "}")
                        .getBytes(UTF_8));
        return new MicroBatchLimits(
                        ConfigReader.read(MODEL.resolve("config.json")), undecided, longestRow, ROWS, warnings)
                .of(command.settings().run(), Optional.empty());
    }
}
