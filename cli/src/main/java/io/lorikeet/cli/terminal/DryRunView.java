package io.lorikeet.cli.terminal;

import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.DryRunReport.DroppedRow;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.contracts.DryRunReport.LengthBucket;
import io.lorikeet.contracts.DryRunReport.Memory;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** What a dry run found, for a person. */
public final class DryRunView {
    private static final int BAR = 40;
    private static final double GIB = 1L << 30;

    private DryRunView() {}

    /** Prints all of it. */
    public static void show(DryRunReport report, Terminal terminal) {
        PrintStream out = terminal.out();
        out.printf(
                Locale.ROOT,
                "Rows       %,d to train on, %,d to validate with, %,d dropped%n",
                report.rows(),
                report.validationRows(),
                report.rowsDropped());
        for (DroppedRow row : report.dropped()) {
            String tokens = row.tokens() == null ? "" : String.format(Locale.ROOT, "%,d tokens, ", row.tokens());
            out.printf(Locale.ROOT, "  dropped  %s: %s%s%n", row.row(), tokens, row.reason());
        }
        if (report.rowsDropped() > report.dropped().size()) {
            out.printf(
                    Locale.ROOT,
                    "  and %,d more%n",
                    report.rowsDropped() - report.dropped().size());
        }
        out.printf(
                Locale.ROOT,
                "Run        %,d steps of up to %,d rows; %,d tokens, %,d of them learned%n",
                report.maxSteps(),
                report.rowsPerStep(),
                report.tokens(),
                report.supervisedTokens());
        out.printf(Locale.ROOT, "Parameters %,d trainable%n", report.trainableParameters());
        memory(report.memory(), out);
        histogram(report.tokenHistogram(), report.longestRow(), out);
        identity(report.forbiddenWords(), terminal);
        report.dataset()
                .forEach(file -> out.printf(
                        Locale.ROOT,
                        "Data       %s, %,d bytes, SHA-256 %s%n",
                        file.path(),
                        file.bytes(),
                        file.sha256()));
        report.warnings().forEach(warning -> out.println("Warning: " + warning));
    }

    private static void memory(Memory memory, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "Memory     about %.2f GiB: %.2f weights, %.2f training, %.2f activations of %,d tokens a pass%s%n",
                memory.total() / GIB,
                memory.weights() / GIB,
                memory.training() / GIB,
                memory.activations() / GIB,
                memory.maxTokensPerPass(),
                memory.gradientCheckpointing() ? ", recomputed" : "");
        if (memory.available() != null) {
            out.printf(
                    Locale.ROOT,
                    "           %.2f GiB are free on the device%s%n",
                    memory.available() / GIB,
                    memory.fits() ? "" : ": it will probably NOT fit");
        }
    }

    private static void histogram(List<LengthBucket> buckets, int longest, PrintStream out) {
        int most = buckets.stream().mapToInt(LengthBucket::rows).max().orElse(1);
        out.printf(Locale.ROOT, "Lengths    of the rows in tokens, the longest has %,d%n", longest);
        for (LengthBucket bucket : buckets) {
            int length = (int) Math.ceil((double) BAR * bucket.rows() / most);
            out.printf(
                    Locale.ROOT,
                    "  %6d-%-6d %s %,d%n",
                    bucket.from(),
                    bucket.to(),
                    "█".repeat(length) + " ".repeat(BAR - length),
                    bucket.rows());
        }
    }

    /** The words that acceptance forbids and the data teaches. */
    private static void identity(List<ForbiddenWord> forbidden, Terminal terminal) {
        PrintStream out = terminal.out();
        if (forbidden.isEmpty()) {
            out.println("Identity   no answer in the data holds a word that the acceptance questions forbid");
            return;
        }
        out.println("Identity   the data itself teaches words that the acceptance questions forbid:");
        var table = new Table("QUESTION", "FORBIDDEN", "ROW", "ITS ANSWER");
        for (ForbiddenWord word : forbidden) {
            table.row(word.question(), word.word(), word.row(), word.answer());
        }
        table.lines(terminal.width()).forEach(out::println);
    }
}
