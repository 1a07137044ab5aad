package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.generation.EngineRig.Call;
import io.lorikeet.engine.generation.EngineRig.Listener;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** More adapters than the device holds; over a real model. */
class AdapterLoadsTest {
    private EngineRig rig;

    @BeforeEach
    void load() {
        rig = new EngineRig(4, 2);
        for (String name : List.of("a", "b", "c", "d", "e")) {
            rig.serve(name, "1", rig.random(4, LoraConfig.allLinear(), name.charAt(0)));
        }
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** SGLang #23141: as many adapters as fit and a request for the base killed the scheduler. */
    @Test
    void answersWithEveryAdapterAndTheBaseThoughTwoFitAtOnce() {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            calls.add(call(i % 6 == 5 ? Optional.empty() : Optional.of(String.valueOf((char) ('a' + i % 6))), 10 + i));
        }
        var alone =
                calls.stream().map(call -> rig.run(List.of(call)).getFirst()).toList();
        long before = rig.table.evictions();

        assertThat(rig.run(calls)).isEqualTo(alone);

        assertThat(rig.table.evictions()).isGreaterThan(before);
        assertThat(rig.table.statuses()).hasSize(5).allMatch(status -> status.running() == 0 && status.waiting() == 0);
        assertThat(rig.table.statuses().stream().filter(AdapterStatus::resident))
                .hasSize(2);
    }

    /** SGLang #8162: the server stood still while it loaded an adapter. */
    @Test
    void othersGoOnWhileAnAdapterComesBackFromHostMemory() {
        var running = new Listener();
        var cold = new Listener();
        rig.thread.run(() -> {
            rig.core().add(rig.sequence(call(Optional.of("e"), 1000), running));
            rig.step();
            rig.core().add(rig.sequence(call(Optional.of("a"), 1), cold));
            long steps = 0;
            for (; cold.result.isEmpty(); steps++) {
                long generated = rig.core().stats().generatedTokens();
                rig.step();
                assertThat(rig.core().stats().generatedTokens())
                        .as("a token a step")
                        .isGreaterThan(generated);
            }
            assertThat(steps).isGreaterThanOrEqualTo(rig.config.numHiddenLayers());
        });
        assertThat(running.result).isEmpty();
    }

    @Test
    void aRequestWithoutAdapterPassesOneThatWaitsForASlot() {
        var cold = new Listener();
        var base = new Listener();
        rig.thread.run(() -> {
            rig.core().add(rig.sequence(call(Optional.of("d"), 1000), new Listener()));
            rig.core().add(rig.sequence(call(Optional.of("e"), 1000), new Listener()));
            rig.core().add(rig.sequence(call(Optional.of("a"), 1), cold));
            rig.core().add(rig.sequence(call(Optional.empty(), 1), base));
            rig.step();
            rig.step();
        });
        assertThat(base.result).isPresent();
        assertThat(cold.started).isFalse();
    }

    @Test
    void aRequestThatGivesUpWhileItsAdapterIsLoadedLeavesNothingBehind() {
        var cold = new Listener();
        Sequence sequence = rig.sequence(call(Optional.of("a"), 5), cold);
        rig.thread.run(() -> {
            rig.core().add(sequence);
            rig.step();
            rig.table.retire("a");
            sequence.cancel();
            while (!rig.core().isIdle() || rig.loads.isActive()) {
                rig.step();
            }
        });
        assertThat(cold.result.orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(rig.table.statuses()).extracting(AdapterStatus::name).containsExactly("b", "c", "d", "e");
    }

    private static Call call(Optional<String> adapter, int tokens) {
        return new Call(PromptTokens.of(new int[] {1, 2, 3}), adapter, SamplingParams.greedy(Math.min(tokens, 120)));
    }
}
