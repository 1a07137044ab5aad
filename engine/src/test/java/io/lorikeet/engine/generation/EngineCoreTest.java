package io.lorikeet.engine.generation;

import static io.lorikeet.engine.generation.EngineRig.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.generation.EngineRig.Call;
import io.lorikeet.engine.generation.EngineRig.Listener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Who joins and leaves the batch, and when; over a real model, with steps one by one and ahead as on a GPU. */
@ParameterizedClass(name = "ahead: {0}")
@ValueSource(booleans = {false, true})
class EngineCoreTest {
    private static EngineRig rig;

    @Parameter
    boolean ahead;

    @BeforeAll
    static void load() {
        rig = new EngineRig(3, 3);
        rig.serve("trained", "1", rig.trained());
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @BeforeEach
    void begin() {
        rig.schedule(new PrefixCache(0, 1), EngineRig.MAX_MODEL_LEN, ahead);
    }

    @Test
    void theAdapterChangesTheAnswerAndTheBaseStaysWhatItWas() {
        var base = Call.base(prompt(9, 5), SamplingParams.greedy(24));
        var adapted = Call.adapted(prompt(9, 5), "trained", SamplingParams.greedy(24));
        List<Integer> before = rig.run(List.of(base)).getFirst();
        List<List<Integer>> mixed = rig.run(List.of(adapted, base));
        assertThat(mixed.get(1)).isEqualTo(before);
        assertThat(mixed.get(0)).isNotEqualTo(before);
    }

    @Test
    void aSlotThatWasUsedBeforeLeavesNoTrace() {
        var call = Call.base(new int[] {1, 2, 3}, SamplingParams.greedy(8));
        List<Integer> fresh = rig.run(List.of(call)).getFirst();
        var longer =
                Call.adapted(prompt(60, 2), "trained", SamplingParams.greedy(40).with(new Penalties(1.5, 1, 1)));
        rig.run(List.of(longer, longer, longer));
        assertThat(rig.run(List.of(call)).getFirst()).isEqualTo(fresh);
    }

    @Test
    void aLongPromptHoldsOthersUpForOneChunkAtATime() {
        rig.schedule(new PrefixCache(0, 1), 16, ahead);
        var talking = new Listener();
        var reading = new Listener();
        rig.thread.run(() -> {
            rig.core().add(rig.sequence(Call.base(new int[] {1, 2, 3}, SamplingParams.greedy(100)), talking));
            rig.step();
            rig.core().add(rig.sequence(Call.base(prompt(100, 1), SamplingParams.greedy(1)), reading));
            for (int chunk = 0; chunk < 6; chunk++) {
                long generated = rig.core().stats().generatedTokens();
                long read = rig.core().stats().promptTokens();
                rig.step();
                assertThat(rig.core().stats().promptTokens() - read).isEqualTo(16);
                assertThat(rig.core().stats().generatedTokens() - generated)
                        .as("the other's token of this step")
                        .isEqualTo(1);
                assertThat(reading.result).isEmpty();
            }
            rig.step();
            assertThat(reading.result).isPresent();
        });
    }

    @Test
    void aShortPromptDoesNotWaitForALongOneThatCameBefore() {
        rig.schedule(new PrefixCache(0, 1), 16, ahead);
        var reading = new Listener();
        var quick = new Listener();
        rig.thread.run(() -> {
            rig.core().add(rig.sequence(Call.base(prompt(100, 1), SamplingParams.greedy(1)), reading));
            rig.core().add(rig.sequence(Call.base(new int[] {1}, SamplingParams.greedy(1)), quick));
            rig.step();
            rig.step();
            assertThat(quick.result).isPresent();
            assertThat(reading.result).isEmpty();
        });
    }

    @Test
    void severalAnswersToAPromptRunItOnceAndSayWhatTheyWouldAlone() {
        var prompt = PromptTokens.of(prompt(50, 7));
        // more than there are slots, and one is always under way when the next begins
        List<Call> calls = IntStream.of(30, 8, 14, 30, 8)
                .mapToObj(length -> new Call(
                        prompt,
                        Optional.of("trained"),
                        SamplingParams.drawn(0.9, length, OptionalLong.of(length))
                                .with(new Penalties(1.1, 0.5, 0.2))
                                .withLogprobs(1)))
                .toList();
        List<Listener> alone = new ArrayList<>();
        for (Call call : calls) {
            alone.addAll(rig.schedule(new PrefixCache(0, 1), 16).hear(List.of(call), () -> 1));
        }

        List<Listener> together = rig.schedule(new PrefixCache(0, 1), 16).hear(calls, calls::size);

        assertThat(tokens(together)).isEqualTo(tokens(alone));
        assertThat(together)
                .as("the first token's logits, to the last bit")
                .map(l -> l.logprobs.getFirst().chosen().logprob())
                .isEqualTo(alone.stream()
                        .map(l -> l.logprobs.getFirst().chosen().logprob())
                        .toList());
        assertThat(rig.core().stats().promptTokens()).isEqualTo(50);
    }

    @Test
    void anotherAnswerReadsOnWhenTheOneAheadIsCancelledWithinThePrompt() {
        var call = Call.base(prompt(50, 7), SamplingParams.greedy(10));
        List<Integer> expected = rig.run(List.of(call)).getFirst();
        rig.schedule(new PrefixCache(0, 1), 16);
        Sequence ahead = rig.sequence(call, new Listener());
        var behind = new Listener();
        rig.thread.run(() -> {
            rig.core().add(ahead);
            rig.core().add(rig.sequence(call, behind));
            rig.step();
            ahead.cancel();
            while (!rig.core().isIdle()) {
                rig.step();
            }
            assertThat(rig.core().stats().promptTokens()).isEqualTo(16 + 50);
        });
        assertThat(behind.result().tokens()).isEqualTo(expected);
    }

    @Test
    void answersByDifferentAdaptersShareNothingOfThePrompt() {
        var prompt = PromptTokens.of(prompt(50, 7));
        var base = new Call(prompt, Optional.empty(), SamplingParams.greedy(10));
        var adapted = new Call(prompt, Optional.of("trained"), SamplingParams.greedy(10));
        var alone = List.of(
                rig.run(List.of(base)).getFirst(), rig.run(List.of(adapted)).getFirst());
        rig.schedule(new PrefixCache(0, 1), 16);
        assertThat(rig.run(List.of(base, adapted))).isEqualTo(alone);
        assertThat(rig.core().stats().promptTokens()).isEqualTo(2 * 50);
    }

    private static List<List<Integer>> tokens(List<Listener> listeners) {
        return listeners.stream().map(l -> l.result().tokens()).toList();
    }

    @Test
    void cancellingFreesTheSlotAtTheNextStep() {
        var endless = new Listener();
        Sequence sequence = rig.sequence(Call.adapted(new int[] {1}, "trained", SamplingParams.greedy(1000)), endless);
        rig.thread.run(() -> {
            rig.core().add(sequence);
            rig.step();
            rig.step();
            assertThat(rig.core().stats().running()).isEqualTo(1);
            sequence.cancel();
            rig.step();
            assertThat(rig.core().stats().running()).isZero();
        });
        assertThat(endless.result.orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(rig.table.statuses()).allMatch(status -> status.running() == 0 && status.waiting() == 0);
    }

    @Test
    void whoComesToTheSlotOfACancelledOneGetsNoneOfItsTokens() {
        var call = Call.adapted(prompt(7, 9), "trained", SamplingParams.greedy(12));
        List<Integer> alone = rig.run(List.of(call)).getFirst();
        Sequence cancelled = rig.sequence(Call.base(prompt(5, 3), SamplingParams.greedy(100)), new Listener());
        var next = new Listener();
        rig.thread.run(() -> {
            rig.core().add(cancelled);
            rig.step();
            rig.step();
            cancelled.cancel();
            rig.core().add(rig.sequence(call, next));
            while (!rig.core().isIdle()) {
                rig.step();
            }
        });
        assertThat(next.result().tokens()).isEqualTo(alone);
    }

    @Test
    void answersToTheLastPlaceOfTheCache() {
        int room = EngineRig.MAX_MODEL_LEN - 100;
        var full = Call.base(prompt(100, 4), SamplingParams.greedy(room));
        var other = Call.adapted(prompt(100, 4), "trained", SamplingParams.greedy(room - 1));
        List<List<Integer>> together = rig.run(List.of(full, other, full));
        assertThat(together.get(0)).hasSize(room).isEqualTo(together.get(2));
        assertThat(together.get(1)).hasSize(room - 1);
    }

    @Test
    void staggeredAnswersAreWhatTheyAreAlone() {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            var sampling = i % 3 == 0
                    ? SamplingParams.drawn(0.8, 5 + i, OptionalLong.of(i))
                    : SamplingParams.greedy(5 + i).with(new Penalties(1 + i / 10.0, 0, 0));
            int[] prompt = prompt(3 + i, i);
            calls.add(i % 2 == 0 ? Call.base(prompt, sampling) : Call.adapted(prompt, "trained", sampling));
        }
        var alone =
                calls.stream().map(call -> rig.run(List.of(call)).getFirst()).toList();
        var together = rig.hear(calls, () -> 1);
        assertThat(together.stream().map(listener -> listener.result().tokens()).toList())
                .isEqualTo(alone);
    }

    @Test
    void aCancelledPromptIsReadNoFurther() {
        rig.schedule(new PrefixCache(0, 1), 16, ahead);
        Sequence sequence = rig.sequence(Call.base(prompt(100, 1), SamplingParams.greedy(10)), new Listener());
        rig.thread.run(() -> {
            rig.core().add(sequence);
            rig.step();
            sequence.cancel();
            rig.step();
            assertThat(rig.core().stats().promptTokens()).isEqualTo(16);
            assertThat(rig.core().isIdle()).isTrue();
        });
    }

    @Test
    void whatHasWaitedTooLongIsRefusedAndWhatHasTakenTooLongIsGivenUp() throws InterruptedException {
        var running = new Listener();
        var waiting = new Listener();
        var short20 = Duration.ofMillis(20);
        var endless = Call.base(new int[] {1}, SamplingParams.greedy(100));
        rig.thread.run(() -> {
            for (int slot = 0; slot < 2; slot++) {
                rig.core().add(rig.sequence(endless, new Listener()));
            }
            rig.core().add(rig.sequence(endless, TimeLimits.of(Duration.ofMinutes(1), short20), running));
            rig.core().add(rig.sequence(endless, TimeLimits.of(short20, Duration.ofMinutes(1)), waiting));
            rig.step();
        });
        assertThat(running.started).isTrue();
        assertThat(waiting.started).isFalse();
        Thread.sleep(short20);
        rig.thread.run(rig::step);
        assertThat(kind(running)).isEqualTo(RequestException.Kind.DEADLINE);
        assertThat(kind(waiting)).isEqualTo(RequestException.Kind.QUEUE_TIMEOUT);
        assertThat(rig.core().stats().running()).isEqualTo(2);
        assertThat(rig.core().stats().waiting()).isZero();
    }

    private static RequestException.Kind kind(Listener listener) {
        return ((RequestException) listener.error.orElseThrow()).kind();
    }

    @Test
    void aListenerThatFailsEndsItsOwnRequestAlone() {
        Listener failing = new Listener() {
            @Override
            public void started(Optional<AdapterVersion> adapter) {
                throw new IllegalStateException("gone");
            }
        };
        var fine = new Listener();
        rig.thread.run(() -> {
            rig.core().add(rig.sequence(Call.base(new int[] {1}, SamplingParams.greedy(50)), failing));
            rig.core().add(rig.sequence(Call.base(new int[] {1}, SamplingParams.greedy(5)), fine));
            while (!rig.core().isIdle()) {
                rig.step();
            }
        });
        assertThat(failing.result.orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(fine.result.orElseThrow().finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void aStopTokenEndsTheAnswer() {
        var call = Call.base(new int[] {4, 5, 6}, SamplingParams.greedy(10));
        List<Integer> tokens = rig.run(List.of(call)).getFirst();
        int stop = tokens.get(4);
        var listener = new Listener();
        rig.thread.run(() -> {
            rig.core()
                    .add(new Sequence(
                            call.prompt(),
                            call.sampling(),
                            Optional.empty(),
                            Optional.empty(),
                            Set.of(stop),
                            10,
                            TimeLimits.NONE,
                            TextDecoder.none(),
                            listener));
            while (!rig.core().isIdle()) {
                rig.step();
            }
        });
        GenerationResult result = listener.result.orElseThrow();
        assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(result.tokens()).isEqualTo(tokens.subList(0, tokens.indexOf(stop) + 1));
    }

    @Test
    void theCacheUsageIsThatOfThePositionsInUse() {
        rig.thread.run(() -> {
            rig.core()
                    .add(rig.sequence(
                            Call.base(prompt(64, 1), SamplingParams.drawn(1, 2, OptionalLong.of(1))), new Listener()));
            rig.step();
            assertThat(rig.core().stats().cacheUsage()).isZero();
            rig.core().add(rig.sequence(Call.base(prompt(63, 1), SamplingParams.greedy(50)), new Listener()));
            rig.step();
            assertThat(rig.core().stats().cacheUsage()).isEqualTo(65.0 / (3 * EngineRig.MAX_MODEL_LEN));
        });
    }
}
