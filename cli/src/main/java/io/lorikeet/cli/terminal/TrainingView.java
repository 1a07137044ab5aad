package io.lorikeet.cli.terminal;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingEvent.Accepted;
import io.lorikeet.contracts.TrainingEvent.Cancelled;
import io.lorikeet.contracts.TrainingEvent.CheckpointSaved;
import io.lorikeet.contracts.TrainingEvent.Evaluated;
import io.lorikeet.contracts.TrainingEvent.Failed;
import io.lorikeet.contracts.TrainingEvent.Progress;
import io.lorikeet.contracts.TrainingEvent.Queued;
import io.lorikeet.contracts.TrainingEvent.Rejected;
import io.lorikeet.contracts.TrainingEvent.Started;
import io.lorikeet.contracts.TrainingEvent.Succeeded;
import io.lorikeet.contracts.TrainingEvent.Validated;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a job's events: a progress bar where a person watches, a line each where not. */
public final class TrainingView implements AutoCloseable {

    private static final int REDRAW_MILLIS = 200;
    /** Columns from which all figures leave the bar enough room. */
    private static final int WIDE = 110;

    private final Terminal terminal;
    private BottomLine bottom;
    private ProgressBar bar;

    public TrainingView(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Shows one event. */
    public void show(TrainingEvent event) {
        switch (event) {
            case Queued queued -> line("Job %s is queued for adapter %s.".formatted(queued.jobId(), queued.adapter()));
            case Started started -> started(started);
            case Progress progress -> progress(progress);
            case CheckpointSaved _ -> {} // the last one is named when the job ends; the others are in the event log
            case Evaluated evaluated ->
                line("Validation at step %d: loss %.4f, token accuracy %.1f %%"
                        .formatted(evaluated.step(), evaluated.evalLoss(), 100 * evaluated.evalTokenAcc()));
            case Accepted accepted -> acceptance(accepted.answers());
            case Rejected rejected -> acceptance(rejected.answers());
            case Succeeded succeeded -> succeeded(succeeded);
            case Failed failed -> {
                close();
                terminal.err()
                        .printf(
                                "Training failed%s: %s%s%n",
                                failed.where() == null ? "" : " (" + failed.where() + ")",
                                failed.reason(),
                                failed.retryable() ? " A retry can help." : "");
            }
            case Cancelled cancelled -> {
                close();
                terminal.err()
                        .printf(
                                "Cancelled after step %d%s.%n",
                                cancelled.step(),
                                cancelled.checkpoint() == null
                                        ? ""
                                        : "; its last checkpoint is " + cancelled.checkpoint());
            }
            case Validated validated -> DryRunView.show(validated.report(), terminal);
        }
    }

    /** Leaves the bar as it is and goes on below it. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            bottom = null;
        }
    }

    private void started(Started started) {
        close();
        started.failures().forEach(failure -> line("Failed: " + failure + "."));
        if (!started.failures().isEmpty()) {
            line("This is try %d.".formatted(started.failures().size() + 1));
        }
        line("Training on %,d rows%s: %,d steps, %,d trainable parameters%s"
                .formatted(
                        started.rowsKept(),
                        started.rowsDropped() == 0 ? "" : " (%,d dropped)".formatted(started.rowsDropped()),
                        started.maxSteps(),
                        started.trainableParameters(),
                        started.resumedFromStep() == null ? "" : ", from step " + started.resumedFromStep()));
        started.warnings().forEach(warning -> line("Warning: " + warning));
        if (terminal.interactive()) {
            bottom = new BottomLine(terminal.out(), terminal.width());
            bar = new ProgressBarBuilder()
                    .setTaskName("training")
                    .setInitialMax(started.maxSteps())
                    .setUpdateIntervalMillis(REDRAW_MILLIS)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                    .setConsumer(bottom)
                    .hideEta()
                    .build();
        }
    }

    private void progress(Progress progress) {
        String loss = "loss %.4f".formatted(progress.loss());
        String left = duration(progress.remainingTime()) + " left";
        String figures =
                "%s  lr %.1e  %.2f s/step  %s".formatted(loss, progress.learningRate(), progress.trainSpeed(), left);
        if (bar == null) {
            line("step %d/%d  %s".formatted(progress.globalStep(), progress.maxSteps(), figures));
        } else {
            bar.stepTo(progress.globalStep());
            bar.setExtraMessage(" " + (terminal.width() < WIDE ? loss + "  " + left : figures));
        }
    }

    private void acceptance(List<AcceptanceAnswer> answers) {
        close();
        for (AcceptanceAnswer answer : answers) {
            line("  %s %s  %s".formatted(answer.passed() ? "passed" : "FAILED", answer.question(), answer.answer()));
        }
    }

    private void succeeded(Succeeded succeeded) {
        close();
        String version = succeeded.checkpoint() == null
                ? "the model"
                : succeeded.checkpoint().version();
        line("Trained %s in %s, mean loss %.4f; %s"
                .formatted(
                        version,
                        duration(succeeded.summary().trainRuntime()),
                        succeeded.summary().trainLoss(),
                        succeeded.promoted()
                                ? "it goes into service as " + succeeded.adapter() + "."
                                : "it is NOT served."));
    }

    private void line(String text) {
        if (bottom == null) {
            terminal.out().println(text);
        } else {
            bottom.above(text);
        }
    }

    /** Seconds as {@code 8 s}, {@code 2:05} or {@code 1:02:05}. */
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        long hours = whole / 3600;
        String minutes = String.format(Locale.ROOT, "%02d:%02d", whole / 60 % 60, whole % 60);
        return hours > 0 ? hours + ":" + minutes : minutes.replaceFirst("^0", "");
    }
}
