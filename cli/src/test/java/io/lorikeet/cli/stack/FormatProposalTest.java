package io.lorikeet.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.FormatProposal.Hardware;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatProposalTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"12, 1, int8: 7.0 GiB", "6, 1, int4-g128: 4.2 GiB", "20, 2, int8: 14.0 GiB"})
    void proposesTheFirstFormatThatFits(int free, int replicas, String proposed) throws IOException {
        assertThat(proposal(model("bfloat16", 14), replicas, new Hardware(free * GIB, true)))
                .get()
                .asString()
                .contains("model takes %d.0 GiB in bfloat16".formatted(14 * replicas))
                .contains(free + ".0 GiB of memory are free. Take LORIKEET_QUANTIZATION=" + proposed);
    }

    @Test
    void saysThatNothingFits() throws IOException {
        assertThat(proposal(model("bfloat16", 14), 1, new Hardware(2 * GIB, true)))
                .get()
                .asString()
                .contains("Not even 4 bits (4.2 GiB) fit");
    }

    @Test
    void proposesEightBitsWhereTheProcessorHasNoBfloat16() throws IOException {
        assertThat(proposal(model("bfloat16", 1), 1, new Hardware(24 * GIB, false)))
                .get()
                .asString()
                .contains("no bfloat16 instructions: model takes 2.0 GiB in float32")
                .contains("LORIKEET_QUANTIZATION=int8: 0.5 GiB");
    }

    @Test
    void aFileInFloat32HasHalfAsManyWeights() throws IOException {
        assertThat(proposal(model("float32", 14), 1, new Hardware(12 * GIB, true)))
                .isEmpty();
    }

    @Test
    void saysNothingWhereAllIsWell() throws IOException {
        Path model = model("bfloat16", 1);

        assertThat(proposal(model, 1, new Hardware(24 * GIB, true))).isEmpty();
        assertThat(FormatProposal.of(model, 1, Map.of("LORIKEET_QUANTIZATION", "none"), new Hardware(GIB, false)))
                .isEmpty();
        assertThat(FormatProposal.of(model, 1, Map.of("LORIKEET_DEVICE", "cuda:0"), new Hardware(GIB, false)))
                .isEmpty();
        Files.writeString(model.resolve("config.json"), "{\"quantization_config\": {}}");
        assertThat(proposal(model, 1, new Hardware(GIB, false))).isEmpty();
    }

    @Test
    void thisMachineHasMemory() {
        assertThat(Hardware.current().free()).isPositive();
    }

    private static Optional<String> proposal(Path model, int replicas, Hardware hardware) {
        return FormatProposal.of(model, replicas, Map.of(), hardware);
    }

    /** Files without content, of that size. */
    private Path model(String type, int gib) throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"torch_dtype\": \"" + type + "\"}");
        for (int shard = 0; shard < 2; shard++) {
            Path file = model.resolve("model-0000" + shard + ".safetensors");
            try (var made = new RandomAccessFile(file.toFile(), "rw")) {
                made.setLength(gib * GIB / 2);
            }
        }
        return model;
    }
}
