package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.sharing.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One copy of a base for all processes of a host. */
class SharedBaseTest {
    private static final int[] PROMPT = {5, 17, 99, 3, 250, 42, 7};

    @TempDir
    private Path directory;

    @Test
    @EnabledOnOs(OS.LINUX) // /proc says whose memory is whose
    void twoProcessesHaveOneCopyAndTheEndOfTheFirstIsNothingToTheSecond() throws Exception {
        try (var first = new SharedBaseProcess(directory, WeightFormat.PACKED)) {
            String expected = first.logits();
            try (var second = new SharedBaseProcess(directory, WeightFormat.PACKED)) {
                assertThat(second.logits()).isEqualTo(expected);
                long one = first.mapped(directory, "Rss");
                long both = first.mapped(directory, "Pss") + second.mapped(directory, "Pss");
                assertThat(one).isPositive();
                assertThat(second.mapped(directory, "Rss")).isPositive();
                assertThat(both).isLessThanOrEqualTo(one + one / 10);

                first.kill();
                assertThat(second.logits()).isEqualTo(expected);
            }
        }
    }

    @Test
    void aProcessThatWasEndedWhileItLoadedLeavesNothingThatIsMapped() throws IOException {
        float[] expected = logits(WeightFormat.PACKED, Sharing.OFF);
        logits(WeightFormat.PACKED, Sharing.in(directory));
        Path whole;
        try (Stream<Path> files = Files.list(directory)) {
            whole = files.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        // as it was before it got its name
        Path torn = directory.resolve(whole.getFileName() + ".tmp");
        Files.move(whole, torn);
        Files.writeString(torn.resolve("part-0"), "half of it");
        assertThat(logits(WeightFormat.PACKED, Sharing.in(directory))).isEqualTo(expected);
        assertThat(torn).doesNotExist();
        assertThat(whole).exists();
    }

    @ParameterizedTest
    @EnumSource(names = {"PACKED", "W8A8", "INT4", "PACKED_INT4", "NF4", "FP8"})
    void whatIsMappedComputesWhatWasLoaded(WeightFormat format) {
        float[] alone = logits(format, Sharing.OFF);
        assertThat(logits(format, Sharing.in(directory))).isEqualTo(alone);
        assertThat(logits(format, Sharing.in(directory))).isEqualTo(alone);
    }

    @Test
    void otherFormatsAreOtherCopies() throws IOException {
        logits(WeightFormat.PACKED, Sharing.in(directory));
        logits(WeightFormat.W8A8, Sharing.in(directory));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.filter(Files::isDirectory)).hasSize(2);
        }
    }

    private static float[] logits(WeightFormat format, Sharing sharing) {
        var thread = new EngineThread("test");
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-bf16"))) {
            return thread.call(() -> {
                var options = new ProgramOptions(
                                checkpoint.config(), Device.CPU, DType.BF16, DType.F32, 2, 64, 1, 4, TrainedLora.NONE)
                        .with(format);
                try (var program = DecoderProgram.load(options, checkpoint, PROMPT, sharing)) {
                    return program.serve().logits(PROMPT, 0, Optional.empty());
                }
            });
        } finally {
            thread.close();
        }
    }
}
