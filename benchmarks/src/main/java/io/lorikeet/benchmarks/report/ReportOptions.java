package io.lorikeet.benchmarks.report;

import io.lorikeet.cli.stack.ProjectHome;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the results of a benchmark go. */
public final class ReportOptions {
    private static final int GOAL_MISSED = 1;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "folder for the results as JSON (default: benchmarks/target/results in the project)")
    private Path out;

    /** Prints and writes the results. Returns the exit code. */
    public int report(Results results) {
        System.out.println();
        results.print(System.out);
        System.out.println();
        Path folder = out == null ? ProjectHome.current().root().resolve("benchmarks/target/results") : out;
        System.out.println("written to " + results.write(folder));
        return results.missed().isEmpty() ? 0 : GOAL_MISSED;
    }
}
