package io.lorikeet.trainer.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.settings.LrSchedulerType;
import io.lorikeet.contracts.settings.ScheduleSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunPlanTest {

    @ParameterizedTest
    @CsvSource({
        // rows, epochs, max_steps, batch, accumulation, warmup_ratio, warmup_steps -> steps, warmup
        "50, 10, -1, 1, 16, 0.05, 0, 40, 2",
        "1050, 1, -1, 1, 16, 0.05, 0, 66, 4",
        "16, 3, -1, 2, 8, 0, 0, 3, 0",
        "17, 3, -1, 2, 8, 0.5, 1, 6, 1",
        "10, 1.5, -1, 1, 1, 0, 0, 15, 0",
        "10, 0.01, -1, 1, 4, 0, 0, 1, 0",
        "10, 3, 7, 1, 1, 0.1, 0, 7, 1",
    })
    void countsSteps(
            int rows,
            double epochs,
            int limit,
            int batch,
            int accumulation,
            double warmupRatio,
            int warmupSteps,
            int steps,
            int warmup) {
        var plan = RunPlan.of(
                rows,
                new ScheduleSettings(
                        epochs, limit, batch, accumulation, LrSchedulerType.COSINE, warmupRatio, warmupSteps));

        assertThat(plan.maxSteps()).isEqualTo(steps);
        assertThat(plan.warmupSteps()).isEqualTo(warmup);
    }

    @Test
    void everyEpochHasEachRowOnceInAnOrderOfItsOwn() {
        var plan = new RunPlan(10, 4, 3, 6, 0);
        List<Integer> rows = IntStream.range(0, 10).boxed().toList();
        var batches = new Batches(plan, 42);

        var first = epoch(batches, rows, 0);
        var second = epoch(batches, rows, 3);

        assertThat(first).containsExactlyInAnyOrderElementsOf(rows).isNotEqualTo(rows);
        assertThat(second).containsExactlyInAnyOrderElementsOf(rows).isNotEqualTo(first);
        assertThat(batches.of(5, rows)).hasSize(2);
    }

    @Test
    void aBatchDependsOnSeedAndStepAlone() {
        var plan = new RunPlan(10, 4, 3, 30, 0);
        List<Integer> rows = IntStream.range(0, 10).boxed().toList();
        var walked = new Batches(plan, 42);
        IntStream.range(0, 22).forEach(step -> walked.of(step, rows));

        assertThat(walked.of(22, rows)).isEqualTo(new Batches(plan, 42).of(22, rows));
    }

    private static List<Integer> epoch(Batches batches, List<Integer> rows, int firstStep) {
        var seen = new ArrayList<Integer>();
        for (int step = firstStep; step < firstStep + 3; step++) {
            seen.addAll(batches.of(step, rows));
        }
        return seen;
    }
}
