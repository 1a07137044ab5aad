package io.lorikeet.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.TrainingEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingViewTest {

    private static final Instant NOW = Instant.parse("2025-01-01T00:00:00Z");
    private static final BaseModel BASE = new BaseModel("fledgling", "sha256:0");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void printsALineForEachProgressEventWhereNobodyWatches() {
        try (var view = new TrainingView(terminal(false))) {
            view.show(started());
            view.show(progress(10));
            view.show(progress(20));
        }

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "Training on 50 rows (2 dropped): 40 steps, 12,345 trainable parameters",
                        "step 10/40  loss 0.1250  lr 9.0e-04  0.25 s/step  8 s left",
                        "step 20/40  loss 0.1250  lr 9.0e-04  0.25 s/step  5 s left");
    }

    @Test
    void drawsABarWithStepLossRateSpeedAndTimeLeftOnATerminal() {
        try (var view = new TrainingView(terminal(true))) {
            view.show(started());
            view.show(progress(20));
        }

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("50%", "20/40", "loss 0.1250", "lr 9.0e-04", "0.25 s/step", "5 s left");
    }

    @Test
    void leavesTheBarRoomInEightyColumnsAndWarnsOnLinesOfTheirOwn() {
        try (var view = new TrainingView(terminal(true, 80))) {
            view.show(started());
            view.show(progress(20));
            view.show(new TrainingEvent.Evaluated("j", "a", NOW, 20, 0.5, 0.75));
            view.show(progress(30));
        }

        String written = out.toString(StandardCharsets.UTF_8);
        assertThat(written.lines()).contains("\u001b[KValidation at step 20: loss 0.5000, token accuracy 75.0 %");
        String text = written.replaceAll("\u001b\\[[0-9;]*[a-zA-Z]", "");
        assertThat(text.split("\r|\n")).allSatisfy(line -> assertThat(line).hasSizeLessThan(80));
        assertThat(text).containsPattern("│[^│]{15,}│ 30/40").contains("loss 0.1250", "3 s left");
    }

    @Test
    void numbersATryAndSaysWhyThoseBeforeItFailed() {
        try (var view = new TrainingView(terminal(false))) {
            view.show(started().after(List.of("try 1, files: disk full", "try 2, store: no bucket")));
        }

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .startsWith("Failed: try 1, files: disk full.", "Failed: try 2, store: no bucket.", "This is try 3.");
    }

    @Test
    void saysWhereAndWhyAJobFailedAndWhetherARetryCanHelp() {
        try (var view = new TrainingView(terminal(false))) {
            view.show(new TrainingEvent.Failed("j", "a", NOW, "row 3 has no output", "X", true, "dataset"));
        }

        assertThat(err.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("Training failed (dataset): row 3 has no output A retry can help.");
    }

    @Test
    void writesDurationsAsAPersonReadsThem() {
        assertThat(TrainingView.duration(7.6)).isEqualTo("8 s");
        assertThat(TrainingView.duration(125)).isEqualTo("2:05");
        assertThat(TrainingView.duration(3725)).isEqualTo("1:02:05");
    }

    private Terminal terminal(boolean interactive) {
        return terminal(interactive, 140);
    }

    private Terminal terminal(boolean interactive, int width) {
        return new Terminal(stream(out), stream(err), interactive, false, width);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static TrainingEvent.Started started() {
        return new TrainingEvent.Started("j", "a", NOW, BASE, 40, 12_345, 50, 2, null, List.of(), List.of());
    }

    private static TrainingEvent progress(int step) {
        return new TrainingEvent.Progress(
                "j", "a", NOW, step, 40, 1.0, 0.125, 1.0, 9e-4, 0.9, 2.5, (40 - step) * 0.25, 0.5, 0.25);
    }
}
