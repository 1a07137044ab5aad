package io.lorikeet.engine.generation;

import static io.lorikeet.engine.generation.EngineRig.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.generation.EngineRig.Call;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys and values of shared system prompts, over a real model. */
class PrefixCacheTest {
    private static final int SYSTEM = 40;
    private static final int[] SYSTEM_TOKENS = prompt(SYSTEM, 1);
    private static EngineRig rig;

    private PrefixCache prefixes;

    @BeforeAll
    static void load() {
        rig = new EngineRig(3, 3);
        rig.thread.run(() -> rig.program.allocatePrefixes(2, 32));
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @BeforeEach
    void begin() {
        prefixes = new PrefixCache(2, 32);
        rig.schedule(prefixes, 24);
    }

    @Test
    void aSharedPrefixIsRunOnceAndTheAnswersAreTheSameToTheLastBit() {
        var calls = List.of(call(Optional.empty(), 1), call(Optional.empty(), 2), call(Optional.empty(), 1));
        var cold = calls.stream()
                .map(call -> rig.schedule(new PrefixCache(2, 32), 24)
                        .hear(List.of(call), () -> 1)
                        .getFirst()
                        .logprobs)
                .toList();

        rig.schedule(prefixes, 24);
        for (int i = 0; i < calls.size(); i++) {
            assertThat(rig.hear(List.of(calls.get(i)), () -> 1).getFirst().logprobs)
                    .isEqualTo(cold.get(i));
        }

        assertThat(prefixes.hitTokens()).as("32 of the 40 are kept").isEqualTo(2 * 32);
        assertThat(rig.core().stats().promptTokens()).isEqualTo(3 * (SYSTEM + 5) - 2 * 32);
    }

    @Test
    void noVersionFindsThePrefixOfAnother() {
        rig.serve("a", "1", rig.random(4, LoraConfig.allLinear(), 1));
        var first = rig.run(List.of(call(Optional.of("a"), 1)));
        rig.serve("a", "2", rig.random(4, LoraConfig.allLinear(), 2));
        var expected = rig.schedule(new PrefixCache(0, 1), 24).run(List.of(call(Optional.of("a"), 1)));
        rig.schedule(prefixes, 24);

        var second = rig.run(List.of(call(Optional.of("a"), 1)));
        var base = rig.run(List.of(call(Optional.empty(), 1)));

        assertThat(prefixes.hitTokens()).isZero();
        assertThat(second).isEqualTo(expected).isNotEqualTo(first);
        assertThat(base).isNotEqualTo(second);
    }

    @Test
    void theSameVersionActivatedAgainHasPrefixesOfItsOwn() {
        rig.serve("b", "1", rig.random(4, LoraConfig.allLinear(), 1));
        rig.run(List.of(call(Optional.of("b"), 1)));
        rig.serve("b", "1", rig.random(4, LoraConfig.allLinear(), 2));
        rig.run(List.of(call(Optional.of("b"), 1)));
        assertThat(prefixes.hitTokens()).isZero();
        rig.run(List.of(call(Optional.of("b"), 2)));
        assertThat(prefixes.hitTokens()).isEqualTo(32);
    }

    @Test
    void theLeastRecentlyUsedPrefixMakesRoom() {
        var tokens = PromptTokens.of(new int[] {1, 2, 3});
        assertThat(prefixes.add(1, tokens, 2)).hasValue(0);
        assertThat(prefixes.add(2, tokens, 2)).hasValue(1);
        assertThat(prefixes.find(1, tokens, 2)).hasValue(0);
        assertThat(prefixes.add(3, tokens, 2)).hasValue(1);
        assertThat(prefixes.find(2, tokens, 2)).isEmpty();
        assertThat(prefixes.add(1, tokens, 2)).as("kept already").isEmpty();
        prefixes.remove(1, tokens, 2);
        assertThat(prefixes.find(1, tokens, 2)).isEmpty();
        assertThat(prefixes.add(4, tokens, 2)).as("the place that got free").hasValue(0);
    }

    @Test
    void aPrefixThatIsShorterThanItsSearchIsNotKept() {
        assertThat(prefixes.length(new PromptTokens(prompt(20, 1), 15))).isZero();
        assertThat(prefixes.length(new PromptTokens(prompt(20, 1), 16))).isEqualTo(16);
        assertThat(prefixes.length(new PromptTokens(prompt(60, 1), 50))).isEqualTo(32);
    }

    private static Call call(Optional<String> adapter, long question) {
        int[] ids = IntStream.concat(IntStream.of(SYSTEM_TOKENS), IntStream.of(prompt(5, question)))
                .toArray();
        return new Call(
                new PromptTokens(ids, SYSTEM),
                adapter,
                SamplingParams.greedy(12).withLogprobs(3));
    }
}
