package io.lorikeet.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.cli.stack.ProjectHome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of {@code ./lorikeet bench soak}. */
class SoakIT {
    private static final Path HOME = Path.of("").toAbsolutePath().getParent();
    /** A process that has just started still grows, so a short run says little about its memory. */
    private static final String MEMORY = "resident memory, last ÷ second quarter";

    @TempDir
    Path state;

    @Test
    void nothingFailsSticksOrIsLoggedAsAnErrorUnderMixedLoad() {
        System.setProperty(ProjectHome.PROPERTY, HOME.toString());

        Results results =
                Soak.run(new SoakOptions(ProjectHome.current().defaultModel(), state, Duration.ofSeconds(60), 4, 4));

        assertThat(results.value("load", "answers")).isPositive();
        assertThat(results.value("load", "hung up")).isPositive();
        assertThat(results.value("load", "guest's answers")).isPositive();
        assertThat(results.value("load", "bad events")).isGreaterThan(12);
        assertThat(results.missed())
                .filteredOn(goal -> !goal.figure().name().equals(MEMORY))
                .as("goals")
                .isEmpty();
    }
}
