package io.lorikeet.engine.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.OutOfMemoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two and three copies of the model on the processor train as one does. */
class DataParallelTest {
    private static final int VOCABULARY = 512;
    private static final LoraConfig LORA = new LoraConfig(4, 16, 0, LoraConfig.allLinear(), false);
    private static final LoraConfig WITH_DROPOUT = new LoraConfig(4, 16, 0.3, LoraConfig.allLinear(), false);

    @Test
    void severalDevicesTrainTheAdapterThatOneTrains() {
        try (TrainingSession one = TrainingSession.start(options(1, Optional.of(LORA)));
                TrainingSession three = TrainingSession.start(options(3, Optional.of(LORA)))) {
            for (int step = 0; step < 6; step++) {
                StepResult alone = one.step(batch(step), 1e-2);
                StepResult shared = three.step(batch(step), 1e-2);
                assertThat(shared.loss()).isCloseTo(alone.loss(), within(1e-5));
                assertThat(shared.gradNorm()).isCloseTo(alone.gradNorm(), within(1e-4));
                assertThat(shared.tokenAcc()).isEqualTo(alone.tokenAcc());
                assertThat(shared.microBatches()).isGreaterThanOrEqualTo(3);
            }
            assertThat(largestDifference(one.exportAdapter(), three.exportAdapter()))
                    .isLessThan(1e-5);
            assertThat(three.evaluate(batch(9)).loss())
                    .isCloseTo(one.evaluate(batch(9)).loss(), within(1e-5));
        }
    }

    @Test
    void severalDevicesTrainTheModelThatOneTrains() {
        try (TrainingSession one = TrainingSession.start(options(1, Optional.empty()));
                TrainingSession two = TrainingSession.start(options(2, Optional.empty()))) {
            for (int step = 0; step < 3; step++) {
                one.step(batch(step), 1e-3);
                two.step(batch(step), 1e-3);
            }
            int[] row = batch(0).getFirst().inputIds();
            float[] alone = one.logits(row);
            assertThat(largestDifference(alone, two.logits(row))).isLessThan(1e-3);
            assertThat(two.evaluate(batch(9)).loss())
                    .isCloseTo(one.evaluate(batch(9)).loss(), within(1e-4));
        }
    }

    @Test
    void aBatchOfFewerRowsThanDevicesIsTrainedByAsManyAsItHas() {
        TrainingExample row = batch(0).getFirst();
        try (TrainingSession one = TrainingSession.start(options(1, Optional.of(LORA)));
                TrainingSession three = TrainingSession.start(options(3, Optional.of(LORA)))) {
            assertThat(three.step(List.of(row), 1e-2).loss())
                    .isCloseTo(one.step(List.of(row), 1e-2).loss(), within(1e-6));
            assertThat(three.step(List.of(row), 1e-2).microBatches()).isEqualTo(1);
        }
    }

    @Test
    void rowsThatTeachNothingAreLeftOut() {
        var mute = new TrainingExample(new int[] {1, 2, 3}, new int[] {-100, -100, -100});
        List<TrainingExample> rows = new ArrayList<>(batch(0));
        rows.add(mute);
        try (TrainingSession with = TrainingSession.start(options(2, Optional.of(LORA)));
                TrainingSession without = TrainingSession.start(options(2, Optional.of(LORA)))) {
            assertThat(with.step(rows, 1e-2).loss())
                    .isEqualTo(without.step(batch(0), 1e-2).loss());
        }
    }

    @Test
    void aResumedTrainingEndsBitEqualToAnUninterruptedOne(@TempDir Path directory) {
        TrainingOptions options = options(2, Optional.of(WITH_DROPOUT));
        Path state = directory.resolve("state.safetensors");
        try (TrainingSession uninterrupted = TrainingSession.start(options)) {
            for (int step = 0; step < 6; step++) {
                if (step == 3) {
                    uninterrupted.saveState(state);
                }
                uninterrupted.step(batch(step), 1e-2);
            }
            try (TrainingSession resumed = TrainingSession.start(options)) {
                resumed.loadState(state);
                for (int step = 3; step < 6; step++) {
                    resumed.step(batch(step), 1e-2);
                }
                assertThat(largestDifference(resumed.exportAdapter(), uninterrupted.exportAdapter()))
                        .isZero();
            }
        }
    }

    @Test
    void anAdapterToBeginFromReachesEveryDevice() {
        try (TrainingSession one = TrainingSession.start(options(1, Optional.of(LORA)));
                TrainingSession two = TrainingSession.start(options(2, Optional.of(LORA)))) {
            for (int step = 0; step < 3; step++) {
                one.step(batch(step), 1e-2);
            }
            two.loadAdapter(one.exportAdapter());
            assertThat(two.evaluate(batch(9)).loss())
                    .isCloseTo(one.evaluate(batch(9)).loss(), within(1e-5));
        }
    }

    @Test
    void aStepWhoseGradientIsNotFiniteChangesNothing() {
        try (TrainingSession session = TrainingSession.start(options(2, Optional.of(LORA)))) {
            session.step(batch(0), 1e-2);
            PeftAdapter good = session.exportAdapter();
            var huge = new TreeMap<LoraTarget, LoraWeights>();
            good.weights().forEach((target, weights) -> {
                float[] b = weights.b().clone();
                Arrays.fill(b, 1e30f);
                huge.put(target, new LoraWeights(weights.a(), b));
            });
            PeftAdapter bad = PeftAdapter.of(LORA, huge, session.config());
            session.loadAdapter(bad);
            StepResult skipped = session.step(batch(1), 1e-2);
            assertThat(skipped.skipped()).isTrue();
            assertThat(skipped.gradNorm()).isNaN();
            assertThat(largestDifference(session.exportAdapter(), bad)).isZero();
            // and what the step added up is gone on every device
            session.loadAdapter(good);
            assertThat(session.step(batch(1), 1e-2).skipped()).isFalse();
        }
    }

    @Test
    void memoryThatRunsOutOnOneDeviceHalvesThePassesOfAll() {
        var microBatches = new AtomicInteger();
        MicroBatchListener failsOnce = _ -> {
            if (microBatches.incrementAndGet() == 2) {
                throw new OutOfMemoryException("out of memory, for a test", null);
            }
        };
        try (TrainingSession hit = TrainingSession.start(options(2, Optional.of(LORA)), failsOnce);
                TrainingSession spared = TrainingSession.start(options(2, Optional.of(LORA)))) {
            int before = hit.options().maxTokensPerPass();
            StepResult result = hit.step(batch(0), 1e-2);
            assertThat(result.loss()).isCloseTo(spared.step(batch(0), 1e-2).loss(), within(1e-5));
            assertThat(hit.options().maxTokensPerPass()).isLessThan(before);
            assertThat(hit.options().gradientCheckpointing()).isTrue();
            assertThat(largestDifference(hit.exportAdapter(), spared.exportAdapter()))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void whatStopsOneMicroBatchStopsTheStepAndTheSessionGoesOn() {
        var microBatches = new AtomicInteger();
        MicroBatchListener failsOnce = _ -> {
            if (microBatches.incrementAndGet() == 1) {
                throw new IllegalStateException("stopped");
            }
        };
        try (TrainingSession session = TrainingSession.start(options(2, Optional.of(LORA)), failsOnce)) {
            assertThatThrownBy(() -> session.step(batch(0), 1e-2)).hasMessage("stopped");
            assertThat(session.steps()).isZero();
            assertThat(session.evaluate(batch(0)).loss()).isPositive();
        }
    }

    @Test
    void theSharesAreOfAboutEqualSize() {
        List<TrainingExample> rows = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
            rows.addAll(batch(step));
        }
        List<Integer> tokens = new Packer(4096, 3, 1)
                .share(rows).stream()
                        .map(share ->
                                share.stream().mapToInt(TrainingExample::length).sum())
                        .toList();
        assertThat(Collections.max(tokens) - Collections.min(tokens)).isLessThan(30);
        assertThat(tokens.stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(rows.stream().mapToInt(TrainingExample::length).sum());
    }

    @Test
    void readsSeveralDevicesAndSaysWhatIsWrong() {
        assertThat(Device.several("cuda:0, cuda:1")).containsExactly(Device.of("cuda:0"), Device.of("cuda:1"));
        assertThat(Device.several("cpu")).containsExactly(Device.CPU);
        assertThatThrownBy(() -> Device.several("cuda:0,cuda"))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("each GPU once");
        assertThatThrownBy(() -> Device.several("cpu,cuda:0")).hasMessageContaining("not both");
        assertThatThrownBy(() -> Device.several("cuda:0,")).hasMessageContaining("found ''");
        assertThatThrownBy(() -> Device.of("cuda:0,cuda:1"))
                .hasMessageContaining("expected one device")
                .hasMessageContaining("start a process for each");
    }

    private static TrainingOptions options(int devices, Optional<LoraConfig> lora) {
        return new TrainingOptions(
                Golden.model("qwen2-tiny"),
                Collections.nCopies(devices, Device.CPU),
                DType.F32,
                DType.F32,
                lora,
                new AdamW(0.9, 0.95, 1e-8, 0.1),
                1,
                42,
                64,
                false);
    }

    /** Rows of 5 to 30 tokens, the same for the same step. */
    private static List<TrainingExample> batch(int step) {
        var random = new Random(step);
        List<TrainingExample> rows = new ArrayList<>();
        for (int row = 0; row < 7; row++) {
            int[] ids = random.ints(5 + random.nextInt(26), 0, VOCABULARY).toArray();
            int[] labels = ids.clone();
            Arrays.fill(labels, 0, ids.length / 3, -100);
            rows.add(new TrainingExample(ids, labels));
        }
        return rows;
    }

    private static double largestDifference(PeftAdapter one, PeftAdapter other) {
        double largest = 0;
        for (var entry : one.weights().entrySet()) {
            LoraWeights mine = entry.getValue();
            LoraWeights others = other.weights().get(entry.getKey());
            largest = Math.max(largest, largestDifference(mine.a(), others.a()));
            largest = Math.max(largest, largestDifference(mine.b(), others.b()));
        }
        return largest;
    }

    private static double largestDifference(float[] one, float[] other) {
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]));
        }
        return largest;
    }
}
