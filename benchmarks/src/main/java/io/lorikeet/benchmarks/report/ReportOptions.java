package io.lorikeet.benchmarks.report;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the results of a benchmark go. */
public final class ReportOptions {
    private static final int GOAL_MISSED = 1;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "benchmarks/target/results",
            description = "folder for the results as JSON (default: ${DEFAULT-VALUE})")
    private Path out;

    /** Prints and writes the results. Returns the exit code. */
    public int report(Results results) {
        System.out.println();
        results.print(System.out);
        System.out.println();
        System.out.println("written to " + results.write(out));
        return results.missed().isEmpty() ? 0 : GOAL_MISSED;
    }
}
