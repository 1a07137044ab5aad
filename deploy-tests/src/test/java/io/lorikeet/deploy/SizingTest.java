package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class SizingTest {
    @Test
    void theExampleIsWhatTheFormulasGive() throws Exception {
        String docs = Files.readString(Project.path("docs/operations.md"));
        Sizing model = Sizing.QWEN_2_5_7B;
        for (long figure : List.of(
                model.parameters() * 2,
                model.token(2),
                model.cache(16, 4096, 2),
                model.token(2) * 8 * 512,
                model.adapterRoom(16, 2),
                9 * model.adapterRoom(16, 2),
                model.adapterParameters(8),
                model.trained(8, 2),
                model.loss(2),
                model.activations(8, true, true, 2),
                model.activations(8, true, false, 2))) {
            assertThat(docs).contains(String.format(Locale.ROOT, "%,d", figure));
        }
    }

    @Test
    void weightsAreWhatTheModelsFileHolds() throws Exception {
        var folder = Project.path("models/fledgling");
        long file = Files.size(folder.resolve("model.safetensors"));
        long header = 8
                + java.nio.ByteBuffer.wrap(Files.newInputStream(folder.resolve("model.safetensors"))
                                .readNBytes(8))
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getLong();
        assertThat(Sizing.of(folder).parameters() * 2).as("bfloat16").isEqualTo(file - header);
    }
}
