package io.lorikeet.trainer.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.TrainingEvent.Evaluated;
import io.lorikeet.contracts.TrainingEvent.Progress;
import io.lorikeet.contracts.TrainingSummary;
import io.lorikeet.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code logging.jsonl}, a row an entry, with ms-swift's field names; and the same for TensorBoard, in {@code runs}. */
public final class RunLog {
    private final Path file;
    private final List<JsonNode> history;
    private final EventFile tensorBoard;

    /**
     * Goes on where a checkpoint left off, or begins.
     *
     * @param history rows of the run up to its checkpoint; rows that came after it are dropped from the file
     * @param step of the checkpoint
     */
    public RunLog(Path folder, List<JsonNode> history, int step) throws IOException {
        this.file = folder.resolve("logging.jsonl");
        this.history = new ArrayList<>(history);
        var text = new StringBuilder();
        history.forEach(row -> text.append(row).append('\n'));
        DurableFiles.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
        this.tensorBoard = new EventFile(folder.resolve("runs"), step + 1);
    }

    public List<JsonNode> history() {
        return List.copyOf(history);
    }

    public void progress(Progress row) throws IOException {
        append(JsonNodeFactory.instance
                .objectNode()
                .put("loss", row.loss())
                .put("grad_norm", row.gradNorm())
                .put("learning_rate", row.learningRate())
                .put("token_acc", row.tokenAcc())
                .put("epoch", row.epoch())
                .put("global_step/max_steps", row.globalStep() + "/" + row.maxSteps())
                .put("percentage", "%.2f%%".formatted(100.0 * row.globalStep() / row.maxSteps()))
                .put("elapsed_time", time(row.elapsedTime()))
                .put("remaining_time", time(row.remainingTime()))
                .put("memory(GiB)", rounded(row.memory()))
                .put("train_speed(s/it)", rounded(row.trainSpeed())));
        tensorBoard.scalars(
                row.globalStep(),
                Map.of(
                        "train/loss", row.loss(),
                        "train/grad_norm", row.gradNorm(),
                        "train/learning_rate", row.learningRate(),
                        "train/token_acc", row.tokenAcc()));
    }

    public void evaluated(Evaluated row, double epoch, int maxSteps) throws IOException {
        append(JsonNodeFactory.instance
                .objectNode()
                .put("eval_loss", row.evalLoss())
                .put("eval_token_acc", row.evalTokenAcc())
                .put("epoch", epoch)
                .put("global_step/max_steps", row.step() + "/" + maxSteps));
        tensorBoard.scalars(row.step(), Map.of("eval/loss", row.evalLoss(), "eval/token_acc", row.evalTokenAcc()));
    }

    /** The last row, which sums the run up. Not part of the history: a run that is resumed writes its own. */
    public void finished(TrainingSummary summary, Path lastCheckpoint, String bestCheckpoint) throws IOException {
        ObjectNode row = JsonNodeFactory.instance
                .objectNode()
                .put("train_runtime", rounded(summary.trainRuntime()))
                .put("train_loss", summary.trainLoss())
                .put("epoch", summary.epoch())
                .put("global_step", summary.globalStep())
                .put("skipped_steps", summary.skippedSteps())
                .put("last_model_checkpoint", lastCheckpoint.getFileName().toString());
        if (bestCheckpoint != null) {
            row.put("best_model_checkpoint", bestCheckpoint);
        }
        write(row);
    }

    private void append(ObjectNode row) throws IOException {
        history.add(row);
        write(row);
    }

    private void write(ObjectNode row) throws IOException {
        try {
            Files.writeString(file, row + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 1e4) / 1e4;
    }

    /** {@code 1h 2m 3s}, without the parts that are 0 in front. */
    private static String time(double seconds) {
        var duration = Duration.ofSeconds(Math.round(seconds));
        if (duration.toHours() > 0) {
            return String.format(
                    Locale.ROOT, "%dh %dm %ds", duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart());
        }
        if (duration.toMinutes() > 0) {
            return String.format(Locale.ROOT, "%dm %ds", duration.toMinutes(), duration.toSecondsPart());
        }
        return duration.toSeconds() + "s";
    }
}
