package io.lorikeet.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.DryRunReport.DroppedRow;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.contracts.DryRunReport.LengthBucket;
import io.lorikeet.contracts.DryRunReport.Memory;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class DryRunViewTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void saysEverythingThatADryRunFound() {
        var report = new DryRunReport(
                49,
                5,
                3,
                List.of(
                        new DroppedRow("d.json:3", "longer than max_length", 2070),
                        new DroppedRow("d.json:4", "has no response", null)),
                List.of(new LengthBucket(20, 39, 9), new LengthBucket(40, 59, 40)),
                40,
                16,
                12_000,
                5_000,
                58,
                20_185_088,
                new Memory(15L << 30, 1L << 30, 2L << 30, 10L << 30, 8192, true),
                List.of(new ForbiddenWord("你是谁?", "阿里云", "d.json:7", "我来自阿里云。")),
                List.of(new DatasetFile("d.json", "ab".repeat(32), 4_321)),
                List.of("max_length: is 4096, the model's limit is 2048"));

        show(report);

        assertThat(text())
                .contains("49 to train on, 5 to validate with, 3 dropped")
                .contains("dropped  d.json:3: 2,070 tokens, longer than max_length")
                .contains("dropped  d.json:4: has no response")
                .contains("Data       d.json, 4,321 bytes, SHA-256 " + "ab".repeat(32))
                .contains("and 1 more")
                .contains("40 steps of up to 16 rows; 12,000 tokens, 5,000 of them learned")
                .contains("20,185,088 trainable")
                .contains(
                        "about 18.00 GiB: 15.00 weights, 1.00 training, 2.00 activations of 8,192 tokens a pass, recomputed")
                .contains("10.00 GiB are free on the device: it will probably NOT fit")
                .contains("40-59     " + "█".repeat(40) + " 40")
                .containsPattern("你是谁\\?.*阿里云.*d\\.json:7.*我来自阿里云。")
                .contains("Warning: max_length: is 4096, the model's limit is 2048");
    }

    private void show(DryRunReport report) {
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        DryRunView.show(report, new Terminal(stream, stream, false, false, 100));
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
