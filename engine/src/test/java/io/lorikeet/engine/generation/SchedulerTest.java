package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.DType;
import io.lorikeet.engine.checkpoint.Qwen2Checkpoint;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.Qwen2Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The scheduler over a real model with real adapters, driven step by step on the engine's thread. */
class SchedulerTest {
    private static final int SLOTS = 3;
    private static final int ADAPTERS = 3;

    private final EngineThread thread = new EngineThread("test");
    private final AdapterTable table = new AdapterTable(ADAPTERS);
    private Qwen2Program program;
    private Scheduler scheduler;

    @BeforeEach
    void load() {
        thread.run(() -> {
            try (Qwen2Checkpoint checkpoint = Qwen2Checkpoint.open(Golden.model("qwen2-tiny"))) {
                program = Qwen2Program.load(
                        new ProgramOptions(
                                checkpoint.config(),
                                Device.CPU,
                                DType.F32,
                                DType.F32,
                                SLOTS,
                                128,
                                ADAPTERS,
                                8,
                                TrainedLora.NONE),
                        checkpoint);
                program.allocateServing();
                scheduler = new Scheduler(program, table);
                PeftAdapter trained =
                        PeftAdapter.read(Golden.folder("qwen2-tiny").resolve("adapter-trained"), checkpoint.config());
                for (String name : List.of("trained", "other")) {
                    ResidentAdapter resident = table.reserve(new AdapterVersion(name, "1"), trained, Optional.empty());
                    for (int layer = 0; layer < checkpoint.config().numHiddenLayers(); layer++) {
                        program.loadAdapterLayer(
                                resident.slot(), layer, AdapterStacks.layer(trained, layer, checkpoint.config(), 8));
                    }
                    table.flip(resident);
                }
            }
        });
    }

    @AfterEach
    void close() {
        thread.run(program::close);
        thread.close();
    }

    @Test
    void aRequestSaysTheSameAloneAndAmongOthers() {
        List<Call> calls = new ArrayList<>();
        var random = new Random(1);
        for (int i = 0; i < 12; i++) {
            calls.add(new Call(
                    random.ints(3 + random.nextInt(20), 0, 500).toArray(),
                    i % 3 == 0 ? Optional.empty() : Optional.of(i % 3 == 1 ? "trained" : "other"),
                    i % 2 == 0
                            ? SamplingParams.greedy(5 + i)
                            : new SamplingParams(0.9, 0.95, 50, 5 + i, List.of(), OptionalLong.of(i))));
        }
        List<List<Integer>> alone =
                calls.stream().map(call -> run(List.of(call)).getFirst()).toList();
        assertThat(run(calls)).isEqualTo(alone);
        assertThat(alone.get(0)).isNotEqualTo(alone.get(1));
    }

    @Test
    void theAdapterChangesTheAnswerAndTheBaseStaysWhatItWas() {
        int[] prompt = new Random(5).ints(9, 0, 500).toArray();
        var base = new Call(prompt, Optional.empty(), SamplingParams.greedy(24));
        var adapted = new Call(prompt, Optional.of("trained"), SamplingParams.greedy(24));
        List<Integer> before = run(List.of(base)).getFirst();
        List<List<Integer>> mixed = run(List.of(adapted, base));
        assertThat(mixed.get(1)).isEqualTo(before);
        assertThat(mixed.get(0)).isNotEqualTo(before);
    }

    @Test
    void aSlotThatWasUsedBeforeLeavesNoTrace() {
        var call = new Call(new int[] {1, 2, 3}, Optional.empty(), SamplingParams.greedy(8));
        List<Integer> fresh = run(List.of(call)).getFirst();
        var longer =
                new Call(new Random(2).ints(60, 0, 500).toArray(), Optional.of("trained"), SamplingParams.greedy(40));
        run(List.of(longer, longer, longer));
        assertThat(run(List.of(call)).getFirst()).isEqualTo(fresh);
    }

    @Test
    void samplingFollowsItsSeedAndItsLimits() {
        int[] prompt = {7, 8, 9};
        var seven = new Call(prompt, Optional.empty(), sampling(1.5, 1, 0, 7));
        var eight = new Call(prompt, Optional.empty(), sampling(1.5, 1, 0, 8));
        assertThat(run(List.of(seven)).getFirst()).isEqualTo(run(List.of(seven)).getFirst());
        assertThat(run(List.of(seven)).getFirst())
                .isNotEqualTo(run(List.of(eight)).getFirst());
        List<Integer> greedy = run(List.of(new Call(prompt, Optional.empty(), SamplingParams.greedy(20))))
                .getFirst();
        // the likeliest token alone is what greedy takes
        assertThat(run(List.of(new Call(prompt, Optional.empty(), sampling(1.5, 1, 1, 7))))
                        .getFirst())
                .isEqualTo(greedy);
        assertThat(run(List.of(new Call(prompt, Optional.empty(), sampling(1.5, 1e-6, 0, 7))))
                        .getFirst())
                .isEqualTo(greedy);
    }

    @Test
    void cancellingFreesTheSlotAtTheNextStep() {
        var endless = new Listener();
        Sequence sequence =
                sequence(new Call(new int[] {1}, Optional.of("trained"), SamplingParams.greedy(1000)), endless);
        thread.run(() -> {
            scheduler.add(sequence);
            scheduler.step();
            scheduler.step();
            assertThat(scheduler.stats().running()).isEqualTo(1);
            sequence.cancel();
            scheduler.step();
            assertThat(scheduler.stats().running()).isZero();
        });
        assertThat(endless.result.orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(table.statuses()).allMatch(status -> status.running() == 0);
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
        thread.run(() -> {
            scheduler.add(sequence(new Call(new int[] {1}, Optional.empty(), SamplingParams.greedy(50)), failing));
            scheduler.add(sequence(new Call(new int[] {1}, Optional.empty(), SamplingParams.greedy(5)), fine));
            while (!scheduler.isIdle()) {
                scheduler.step();
            }
        });
        assertThat(failing.result.orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(fine.result.orElseThrow().finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void aStopTokenEndsTheAnswer() {
        var call = new Call(new int[] {4, 5, 6}, Optional.empty(), SamplingParams.greedy(10));
        List<Integer> tokens = run(List.of(call)).getFirst();
        int stop = tokens.get(4);
        var listener = new Listener();
        thread.run(() -> {
            scheduler.add(new Sequence(
                    call.prompt, call.sampling, Optional.empty(), Set.of(stop), 10, TextDecoder.none(), listener));
            while (!scheduler.isIdle()) {
                scheduler.step();
            }
        });
        GenerationResult result = listener.result.orElseThrow();
        assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(result.tokens()).isEqualTo(tokens.subList(0, tokens.indexOf(stop) + 1));
    }

    private static SamplingParams sampling(double temperature, double topP, int topK, long seed) {
        return new SamplingParams(temperature, topP, topK, 20, List.of(), OptionalLong.of(seed));
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Call(int[] prompt, Optional<String> adapter, SamplingParams sampling) {}

    /** Runs all calls together and returns each one's tokens. */
    private List<List<Integer>> run(List<Call> calls) {
        List<Listener> listeners = new ArrayList<>();
        thread.run(() -> {
            for (Call call : calls) {
                var listener = new Listener();
                listeners.add(listener);
                scheduler.add(sequence(call, listener));
            }
            while (!scheduler.isIdle()) {
                scheduler.step();
            }
        });
        return listeners.stream()
                .map(listener -> listener.result.orElseThrow().tokens())
                .toList();
    }

    private Sequence sequence(Call call, TokenListener listener) {
        return new Sequence(
                call.prompt,
                call.sampling,
                call.adapter.map(table::acquire),
                Set.of(),
                call.sampling.maxNewTokens(),
                TextDecoder.none(),
                listener);
    }

    private static class Listener implements TokenListener {
        Optional<GenerationResult> result = Optional.empty();

        @Override
        public void started(Optional<AdapterVersion> adapter) {}

        @Override
        public void delta(String text) {}

        @Override
        public void finished(GenerationResult finished) {
            result = Optional.of(finished);
        }

        @Override
        public void failed(EngineException error) {
            throw error;
        }
    }
}
