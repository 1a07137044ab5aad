package io.lorikeet.gateway.training;

import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.DryRunReport.DroppedRow;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.contracts.DryRunReport.LengthBucket;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a trainer found out about a command without training.
 *
 * @param ok whether nothing stands against it
 * @param jobId of the dry run
 * @param lengths of the rows to train on, in tokens
 * @param estimate null if the command cannot be run
 */
public record CheckResult(boolean ok, String jobId, List<Check> checks, List<LengthBucket> lengths, Estimate estimate) {
    /** Rows that are listed. */
    private static final int MOST_ROWS = 20;

    /**
     * One thing that was looked at.
     *
     * @param name what it is about
     * @param line where it is, {@code file:line}; null if it is nowhere
     */
    public record Check(String name, boolean ok, String detail, String line) {}

    /**
     * What a run would take.
     *
     * @param memoryFree bytes that are free on the trainer's device; null if that is not known
     * @param seconds about, as fast as the training that ended last; null if none is known
     */
    public record Estimate(
            int rows,
            int steps,
            long tokens,
            long supervisedTokens,
            long memoryBytes,
            Long memoryFree,
            Double seconds) {}

    /** @param last the training that ended last */
    static CheckResult of(String jobId, DryRunReport report, Optional<TrainingSummary> last) {
        var checks = new ArrayList<Check>();
        checks.add(new Check("command", true, "a trainer can run it", null));
        checks.add(new Check(
                "rows",
                report.rowsDropped() == 0,
                "%d to train on, %d to validate with, %d dropped"
                        .formatted(report.rows(), report.validationRows(), report.rowsDropped()),
                null));
        report.dropped().stream().limit(MOST_ROWS).map(CheckResult::dropped).forEach(checks::add);
        var memory = report.memory();
        checks.add(new Check(
                "memory",
                memory.fits(),
                "about " + memory.total() + " bytes"
                        + (memory.available() == null ? "" : ", " + memory.available() + " are free"),
                null));
        report.forbiddenWords().stream()
                .limit(MOST_ROWS)
                .map(CheckResult::forbidden)
                .forEach(checks::add);
        report.warnings().forEach(warning -> checks.add(new Check("warning", true, warning, null)));
        return new CheckResult(
                checks.stream().allMatch(Check::ok),
                jobId,
                checks,
                report.tokenHistogram(),
                new Estimate(
                        report.rows(),
                        report.maxSteps(),
                        report.tokens(),
                        report.supervisedTokens(),
                        memory.total(),
                        memory.available(),
                        last.map(each -> each.trainRuntime() / each.trainTokens() * report.supervisedTokens())
                                .orElse(null)));
    }

    private static Check dropped(DroppedRow row) {
        return new Check("rows", false, row.reason(), row.row());
    }

    private static Check forbidden(ForbiddenWord word) {
        return new Check(
                "identity",
                false,
                "the answer teaches " + Shown.value(word.word()) + ", which the acceptance question "
                        + Shown.value(word.question()) + " forbids",
                word.row());
    }

    /** It cannot be run at all. */
    static CheckResult of(TrainingEvent.Failed failed) {
        var name = failed.where() == null ? "command" : failed.where();
        return new CheckResult(
                false, failed.jobId(), List.of(new Check(name, false, failed.reason(), null)), List.of(), null);
    }
}
