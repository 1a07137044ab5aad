package io.lorikeet.benchmarks.swaps;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.cli.stack.ProjectHome;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of {@code ./lorikeet bench swaps}. What depends on the machine's speed is not asked of it. */
class SwapsIT {
    private static final Path HOME = Path.of("").toAbsolutePath().getParent();
    private static final int SWAPS = 40;

    @TempDir
    Path state;

    @Test
    void everyAnswerUnderLoadSaysTheNumberOfTheVersionThatItNames() {
        System.setProperty(ProjectHome.PROPERTY, HOME.toString());

        Results results =
                SwapBench.run(new SwapOptions(ProjectHome.current().defaultModel(), state, SWAPS, 4, 8, 4, 4));

        assertThat(results.value("load", "swaps")).isEqualTo(SWAPS);
        assertThat(results.value("load", "answers")).isGreaterThan(SWAPS);
        assertThat(results.value("between tokens, during swaps", "samples")).isPositive();
        assertThat(results.missed())
                .filteredOn(goal -> RIGHT_ON_ANY_MACHINE.contains(goal.figure().name()))
                .as("goals")
                .isEmpty();
        assertThat(results.goals()).extracting(Goal::figure).extracting("name").containsAll(RIGHT_ON_ANY_MACHINE);
    }

    private static final Set<String> RIGHT_ON_ANY_MACHINE =
            Set.of("failed requests", "answers by a wrong or mixed version", "answers by a version that was replaced");
}
