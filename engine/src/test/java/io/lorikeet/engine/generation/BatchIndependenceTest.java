package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.generation.EngineRig.Call;
import io.lorikeet.engine.generation.EngineRig.Listener;
import io.lorikeet.engine.model.LinearModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A request's answer is the same alone and in any batch: random mixes of requests that come and go, with adapters of
 * different ranks and target modules and without any, greedy and drawn, short prompts and long ones.
 *
 * <p>The bound of that promise: a matrix product of another number of rows, or over other adapters' columns beside the row's
 * own, may add up in another order, so that logits differ in their last bits. Where the two likeliest tokens are closer than that, greedy may take the other one. So the test demands
 * equal tokens, lets a tie of at most twice the measured difference pass, and demands that the difference be tiny and ties
 * be rare.
 */
class BatchIndependenceTest {
    private static final int SLOTS = 6;
    private static final int CHUNK = 16;
    private static final double LARGEST_DIFFERENCE = 1e-4;
    private static final int REQUESTS = 90;

    private static final List<Set<LinearModule>> TARGETS = List.of(
            LoraConfig.allLinear(),
            Set.of(LinearModule.Q_PROJ, LinearModule.V_PROJ),
            Set.of(LinearModule.DOWN_PROJ),
            Set.of(LinearModule.O_PROJ, LinearModule.GATE_PROJ));

    private static EngineRig rig;

    @BeforeAll
    static void load() {
        // fewer slots on the device than adapters, so that some come and go
        rig = new EngineRig(SLOTS, 5);
        for (int i = 0; i < 7; i++) {
            rig.serve("adapter" + i, "1", rig.random(1 << (i % 4), TARGETS.get(i % TARGETS.size()), i));
        }
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aRequestSaysTheSameAloneAndInAnyBatch(long seed) {
        var random = new Random(seed);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            calls.add(call(random, i));
        }
        List<Listener> alone = new ArrayList<>();
        for (Call call : calls) {
            alone.addAll(rig.schedule(new PrefixCache(0, 1), CHUNK).hear(List.of(call), () -> 1));
        }

        List<Listener> mixed = rig.schedule(new PrefixCache(0, 1), CHUNK).hear(calls, () -> random.nextInt(3));

        var differences = new Differences();
        for (int i = 0; i < calls.size(); i++) {
            assertThat(mixed.get(i).adapter.map(AdapterVersion::name))
                    .isEqualTo(calls.get(i).adapter());
            differences.add(calls.get(i).sampling(), alone.get(i), mixed.get(i));
        }
        assertThat(differences.largest).isLessThan(LARGEST_DIFFERENCE);
        assertThat(differences.ties)
                .as("narrowest gaps of answers that differ")
                .allMatch(gap -> gap <= 2 * differences.largest);
        assertThat(differences.ties.size()).isLessThanOrEqualTo(REQUESTS / 45);
        assertThat(Set.copyOf(alone.stream().map(l -> l.result().tokens()).toList()))
                .as("the answers tell the requests apart")
                .hasSizeGreaterThan(REQUESTS * 8 / 10);
    }

    private static Call call(Random random, int i) {
        int adapter = random.nextInt(8);
        int length = i % 9 == 0 ? 40 + random.nextInt(30) : 3 + random.nextInt(12);
        int answer = 4 + random.nextInt(30);
        var sampling = i % 3 == 2
                ? SamplingParams.drawn(0.9, answer, OptionalLong.of(i)).limited(0.95, 50, 0.01)
                : SamplingParams.greedy(answer);
        if (i % 5 == 0) {
            sampling = sampling.with(new Penalties(1.1, 0.5, 0.2));
        }
        return new Call(
                PromptTokens.of(random.ints(length, 0, 500).toArray()),
                adapter == 7 ? Optional.empty() : Optional.of("adapter" + adapter),
                sampling.withLogprobs(2));
    }
}
