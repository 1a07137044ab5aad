package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
                model.adapterParameters(16) * 2,
                model.trained(8, 2),
                model.loss(2),
                model.activations(8, true, true, 2),
                model.activations(8, true, false, 2))) {
            assertThat(docs).contains(String.format(Locale.ROOT, "%,d", figure));
        }
    }

    private static final Pattern CARD = Pattern.compile(
            "\\| \\d+ GB \\| Qwen2\\.5-(\\S+B) \\| (\\d+) × ([\\d,]+) \\| (\\d+), (\\d+) \\| ([\\d,]+) \\| ([\\d.]+)[ ;]");

    @Test
    void theTableOfCardsIsWhatTheFormulasGive() throws Exception {
        Matcher rows = CARD.matcher(Files.readString(Project.path("docs/operations.md")));
        int found = 0;
        for (; rows.find(); found++) {
            Sizing model =
                    switch (rows.group(1)) {
                        case "7B" -> Sizing.QWEN_2_5_7B;
                        case "3B" -> Sizing.QWEN_2_5_3B;
                        default -> Sizing.QWEN_2_5_1_5B;
                    };
            long bytes = model.oneCard(
                    number(rows.group(2)),
                    number(rows.group(3)),
                    number(rows.group(4)),
                    number(rows.group(5)),
                    number(rows.group(6)));
            assertThat(Double.parseDouble(rows.group(7)))
                    .as(rows.group())
                    .isCloseTo(bytes / (double) (1L << 30) + 1.5, within(0.05));
        }
        assertThat(found).as("rows in bfloat16").isEqualTo(5);
    }

    private static long number(String text) {
        return Long.parseLong(text.replace(",", ""));
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
