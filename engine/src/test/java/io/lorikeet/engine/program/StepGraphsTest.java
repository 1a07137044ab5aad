package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepGraphsTest {
    private final List<String> log = new ArrayList<>();

    /** Runs the step to learn what it is, as a capture does, and writes down what happens to the graph. */
    private StepGraphs.Graph capture(Runnable step) {
        int before = log.size();
        step.run();
        String what = log.remove(before);
        log.add("capture " + what);
        return new StepGraphs.Graph() {
            @Override
            public void launch() {
                log.add("launch " + what);
            }

            @Override
            public void close() {
                log.add("close " + what);
            }
        };
    }

    private void run(StepGraphs<String> graphs, String key) {
        graphs.run(key, log::add);
    }

    @Test
    void runsAStepOnceThenCapturesItThenLaunchesIt() {
        try (var graphs = new StepGraphs<String>(this::capture, 4)) {
            run(graphs, "a");
            run(graphs, "a");
            run(graphs, "a");
            assertThat(log).containsExactly("a", "capture a", "launch a", "launch a");
            assertThat(graphs.counts()).isEqualTo(new GraphCounts(2, 0));
        }
        assertThat(log).endsWith("close a");
    }

    @Test
    void keepsTheStepsUsedLast() {
        try (var graphs = new StepGraphs<String>(this::capture, 2)) {
            for (String key : List.of("a", "a", "b", "b", "a", "c")) {
                run(graphs, key);
            }
            assertThat(log).endsWith("launch a", "close b", "c");
            run(graphs, "a");
            assertThat(log).endsWith("launch a");
        }
    }

    @Test
    void goesOnWithoutAGraphWhenAStepCannotBeCaptured() {
        StepGraphs.Capturer refusing = step -> {
            throw new EngineException("it reads a value back");
        };
        try (var graphs = new StepGraphs<String>(refusing, 2)) {
            run(graphs, "a");
            run(graphs, "a");
            run(graphs, "a");
            assertThat(log).containsExactly("a", "a", "a");
            assertThat(graphs.counts()).isEqualTo(new GraphCounts(0, 1));
        }
    }
}
