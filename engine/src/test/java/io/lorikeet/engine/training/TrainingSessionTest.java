package io.lorikeet.engine.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.MicroBatch;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingSessionTest {
    /** Of the smallest model here. */
    private static final int VOCABULARY = 448;

    private static final LoraConfig LORA = new LoraConfig(4, 16, 0, LoraConfig.allLinear(), false);
    private static final LoraConfig WITH_DROPOUT = new LoraConfig(4, 16, 0.3, LoraConfig.allLinear(), false);

    @Test
    void oneRowAtATimeGivesTheSameAdapterAsAPackedBatch() {
        PeftAdapter packed = train(options(Optional.of(LORA), 4096, false), 6);
        PeftAdapter single = train(options(Optional.of(LORA), 1, false), 6);
        assertThat(largestDifference(packed, single)).isLessThan(1e-5);
    }

    /** What rows share is computed once in a micro-batch; alone each has it for itself. */
    @Test
    void rowsThatBeginAlikeTrainAsTheyDoOneAtATime() {
        for (Optional<LoraConfig> lora : List.of(Optional.of(LORA), Optional.<LoraConfig>empty())) {
            for (boolean recompute : List.of(false, true)) {
                float[] together = logitsAfterAlikeRows(options(lora, 4096, recompute));
                float[] alone = logitsAfterAlikeRows(options(lora, 1, recompute));
                assertThat(largestDifference(together, alone)).isLessThan(1e-4);
            }
        }
    }

    @Test
    void rowsThatBeginAlikeTrainSoInAModelWithWindowsToo() {
        float[] together = logitsAfterAlikeRows(full("qwen2-sliding", 4096, false));
        float[] alone = logitsAfterAlikeRows(full("qwen2-sliding", 1, false));
        assertThat(largestDifference(together, alone)).isLessThan(1e-4);
    }

    @Test
    void rowsThatBeginAlikeAreEvaluatedAsTheyAreOneAtATime() {
        try (TrainingSession together = TrainingSession.start(options(Optional.of(LORA), 4096, false));
                TrainingSession alone = TrainingSession.start(options(Optional.of(LORA), 1, false))) {
            assertThat(together.evaluate(alike(0)).loss())
                    .isCloseTo(alone.evaluate(alike(0)).loss(), within(1e-5));
        }
    }

    private static float[] logitsAfterAlikeRows(TrainingOptions options) {
        try (TrainingSession session = TrainingSession.start(options)) {
            for (int step = 0; step < 3; step++) {
                assertThat(MicroBatch.of(alike(step), 1).computedTokens()).isLessThan(100);
                session.step(alike(step), 1e-3);
            }
            return session.logits(alike(7).getFirst().inputIds());
        }
    }

    /** Rows that begin alike, of different lengths, two of them the same, one what others begin with. */
    private static List<TrainingExample> alike(int step) {
        TrainingExample whole = example(new Random(step), 40);
        List<TrainingExample> rows = new ArrayList<>(List.of(whole, whole, beginning(whole, 25)));
        for (int same : List.of(10, 30)) {
            TrainingExample other = example(new Random(step + 100), 25);
            int[] ids = beginning(whole, same + 10).inputIds().clone();
            System.arraycopy(other.inputIds(), 0, ids, same, 10);
            int[] labels = ids.clone();
            Arrays.fill(labels, 0, 8, -100);
            rows.add(new TrainingExample(ids, labels));
        }
        return rows;
    }

    private static TrainingExample beginning(TrainingExample row, int length) {
        return new TrainingExample(Arrays.copyOf(row.inputIds(), length), Arrays.copyOf(row.labels(), length));
    }

    /** A pass is many calls, and the memory in which Java hands over a call's tensors is Java's again when it returns. */
    @Test
    void whatAPassKeepsOfItsTokensIsItsOwn() throws Exception {
        TrainingOptions options = options(Optional.of(LORA), 4096, false);
        PeftAdapter expected = train(options, 20);
        var training = new AtomicBoolean(true);
        Thread collector = Thread.ofPlatform().start(() -> {
            while (training.get()) {
                System.gc();
                for (int size = 8; size < 4096; size += 8) {
                    ByteBuffer buffer = ByteBuffer.allocateDirect(size);
                    while (buffer.hasRemaining()) {
                        buffer.put(Byte.MAX_VALUE);
                    }
                }
            }
        });
        try {
            assertThat(largestDifference(train(options, 20), expected)).isZero();
        } finally {
            training.set(false);
            collector.join();
        }
    }

    @Test
    void recomputationGivesTheSameAdapterEvenWithDropout() {
        PeftAdapter kept = train(options(Optional.of(WITH_DROPOUT), 64, false), 6);
        PeftAdapter recomputed = train(options(Optional.of(WITH_DROPOUT), 64, true), 6);
        assertThat(largestDifference(kept, recomputed)).isLessThan(1e-5);
    }

    /** Some modules of a stack alone, so that their neighbours have no magnitude; dropout, and LoRA+. */
    private static TrainingOptions dora(int maxTokensPerPass, boolean recompute) {
        var modules =
                EnumSet.of(LinearModule.Q_PROJ, LinearModule.V_PROJ, LinearModule.UP_PROJ, LinearModule.DOWN_PROJ);
        var config = new LoraConfig(4, 16, 0.3, modules, true).withDora();
        return options(Optional.of(config), maxTokensPerPass, recompute).withLoraPlus(4);
    }

    @Test
    void recomputationGivesTheSameAdapterWithDora() {
        assertThat(largestDifference(train(dora(64, false), 6), train(dora(64, true), 6)))
                .isLessThan(1e-5);
    }

    @Test
    void anAdapterWithDoraBeginsAsTheBaseAndLearnsItsMagnitudes() {
        try (TrainingSession dora = TrainingSession.start(dora(64, false));
                TrainingSession plain = TrainingSession.start(options(Optional.of(LORA), 64, false))) {
            assertThat(largestDifference(
                            dora.logits(batch(0).getFirst().inputIds()),
                            plain.logits(batch(0).getFirst().inputIds())))
                    .isLessThan(1e-4);
            assertThat(dora.evaluate(batch(0)).loss())
                    .isCloseTo(plain.evaluate(batch(0)).loss(), within(1e-5));
            float[] first = magnitude(dora);
            for (int step = 0; step < 2; step++) {
                dora.step(batch(step), 1e-2);
            }
            assertThat(magnitude(dora)).isNotEqualTo(first);
            // training and serving agree on what it has become
            double trained = dora.evaluate(batch(9)).loss();
            dora.loadAdapter(dora.exportAdapter());
            assertThat(dora.evaluate(batch(9)).loss()).isEqualTo(trained);
        }
    }

    private static float[] magnitude(TrainingSession session) {
        return session.exportAdapter()
                .weights(1, LinearModule.UP_PROJ)
                .magnitude()
                .orElseThrow();
    }

    @Test
    void loraPlusChangesHowFastBLearnsAndNotA() {
        PeftAdapter plain = train(options(Optional.of(LORA), 64, false), 1);
        PeftAdapter plus = train(options(Optional.of(LORA), 64, false).withLoraPlus(16), 1);
        // in the first step B is zero, so that nothing but decay moves A
        assertThat(plus.weights(0, LinearModule.Q_PROJ).a())
                .isEqualTo(plain.weights(0, LinearModule.Q_PROJ).a());
        float[] slow = plain.weights(0, LinearModule.Q_PROJ).b();
        float[] fast = plus.weights(0, LinearModule.Q_PROJ).b();
        for (int i = 0; i < slow.length; i++) {
            assertThat(fast[i]).isCloseTo(16 * slow[i], within(1e-5f));
        }
    }

    @Test
    void recomputationGivesTheSameModelInFullTraining() {
        for (String model : List.of("qwen2-tiny", "qwen2-tied-sharded", "qwen3-tiny")) {
            float[] kept = logitsAfterFullTraining(model, false);
            float[] recomputed = logitsAfterFullTraining(model, true);
            assertThat(largestDifference(kept, recomputed)).isLessThan(1e-4);
        }
    }

    @Test
    void dropoutChangesTrainingAndNotEvaluation() {
        try (TrainingSession plain = TrainingSession.start(options(Optional.of(LORA), 4096, false));
                TrainingSession dropping = TrainingSession.start(options(Optional.of(WITH_DROPOUT), 4096, false))) {
            // B is zero until the first update, and so is what dropout can change
            for (int step = 0; step < 2; step++) {
                plain.step(batch(step), 1e-2);
            }
            dropping.loadAdapter(PeftAdapter.of(
                    WITH_DROPOUT, new java.util.TreeMap<>(plain.exportAdapter().weights()), plain.config()));
            assertThat(dropping.evaluate(batch(9)).loss())
                    .isCloseTo(plain.evaluate(batch(9)).loss(), within(1e-6));
            assertThat(dropping.step(batch(9), 0).loss())
                    .isNotCloseTo(plain.step(batch(9), 0).loss(), within(1e-5));
        }
    }

    @Test
    void theSameSeedGivesBitEqualAdaptersAndAnotherSeedOthers() {
        PeftAdapter first = train(options(Optional.of(WITH_DROPOUT), 64, false), 4);
        PeftAdapter second = train(options(Optional.of(WITH_DROPOUT), 64, false), 4);
        assertThat(largestDifference(first, second)).isZero();
        PeftAdapter other = train(withSeed(options(Optional.of(WITH_DROPOUT), 64, false), 7), 4);
        assertThat(largestDifference(first, other)).isPositive();
    }

    static List<TrainingOptions> kinds() {
        return List.of(options(Optional.of(WITH_DROPOUT), 64, false), dora(64, false));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aResumedTrainingEndsBitEqualToAnUninterruptedOne(TrainingOptions options, @TempDir Path directory) {
        PeftAdapter uninterrupted = train(options, 7);
        try (TrainingSession session = TrainingSession.start(options)) {
            for (int step = 0; step < 3; step++) {
                session.step(batch(step), 1e-2);
            }
            session.saveState(directory.resolve("state.safetensors"));
        }
        try (TrainingSession session = TrainingSession.start(options)) {
            session.loadState(directory.resolve("state.safetensors"));
            assertThat(session.steps()).isEqualTo(3);
            for (int step = 3; step < 7; step++) {
                session.step(batch(step), 1e-2);
            }
            assertThat(largestDifference(session.exportAdapter(), uninterrupted))
                    .isZero();
        }
    }

    @Test
    void refusesTheStateOfAnotherTraining(@TempDir Path directory) {
        Path state = directory.resolve("state.safetensors");
        var onlyQuery = new LoraConfig(4, 16, 0, EnumSet.of(LinearModule.Q_PROJ), false);
        try (TrainingSession session = TrainingSession.start(options(Optional.of(onlyQuery), 64, false))) {
            session.saveState(state);
        }
        try (TrainingSession session = TrainingSession.start(options(Optional.of(LORA), 64, false))) {
            assertThatThrownBy(() -> session.loadState(state))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("k_proj.lora_A.weight")
                    .hasMessageContaining("a training with other parameters");
        }
    }

    @Test
    void learnsARowByHeart() {
        TrainingExample row = example(new Random(3), 12);
        try (TrainingSession session = TrainingSession.start(options(Optional.of(LORA), 64, false))) {
            double first = session.evaluate(List.of(row)).loss();
            for (int step = 0; step < 60; step++) {
                session.step(List.of(row), 2e-2);
            }
            assertThat(session.evaluate(List.of(row)).loss()).isLessThan(first / 10);
            assertThat(session.evaluate(List.of(row)).tokenAcc()).isEqualTo(1.0);
        }
    }

    @Test
    void fullTrainingChangesWhatItSaves(@TempDir Path directory) {
        for (String model : List.of("qwen2-tiny", "qwen2-tied-sharded", "qwen3-tiny")) {
            Path saved = directory.resolve(model);
            float[] trained;
            try (TrainingSession session = TrainingSession.start(full(model, false))) {
                for (int step = 0; step < 3; step++) {
                    session.step(batch(step), 1e-3);
                }
                trained = session.logits(batch(0).getFirst().inputIds());
                session.saveModel(saved, DType.F32);
            }
            try (ModelCheckpoint checkpoint = ModelCheckpoint.open(saved);
                    ModelCheckpoint base = ModelCheckpoint.open(Golden.model(model));
                    TrainingSession reloaded = TrainingSession.start(new TrainingOptions(
                            saved,
                            List.of(Device.CPU),
                            DType.F32,
                            DType.F32,
                            Optional.of(LORA),
                            adamW(),
                            1,
                            42,
                            64,
                            false))) {
                assertThat(checkpoint.fingerprint()).isNotEqualTo(base.fingerprint());
                // B is zero: the reloaded model alone answers
                assertThat(reloaded.logits(batch(0).getFirst().inputIds())).isEqualTo(trained);
            }
        }
    }

    @Test
    void aStepWhoseGradientIsNotFiniteChangesNothingAndSaysSo() {
        try (TrainingSession session = TrainingSession.start(options(Optional.of(LORA), 64, false))) {
            session.step(batch(0), 1e-2);
            PeftAdapter before = session.exportAdapter();
            // an infinite learning rate poisons the parameters, a later step then has no finite gradient
            StepResult poisoned = session.step(batch(1), Double.POSITIVE_INFINITY);
            assertThat(poisoned.skipped()).isFalse();
            StepResult after = session.step(batch(2), 1e-2);
            assertThat(after.skipped()).isTrue();
            assertThat(after.gradNorm()).isNaN();
            assertThat(largestDifference(before, train(options(Optional.of(LORA), 64, false), 1)))
                    .isZero();
        }
    }

    @Test
    void aStepThatItsListenerEndsBetweenTwoPassesChangesNothing() {
        var microBatches = new AtomicInteger();
        MicroBatchListener third = left -> {
            if (microBatches.incrementAndGet() == 3) {
                assertThat(left).as("more micro-batches to come").isPositive();
                throw new IllegalStateException("enough");
            }
        };
        TrainingOptions oneMicroBatchARow = options(Optional.of(WITH_DROPOUT), 1, false);
        try (TrainingSession session = TrainingSession.start(oneMicroBatchARow, third)) {
            assertThatThrownBy(() -> session.step(batch(0), 1e-2)).hasMessage("enough");
            assertThat(session.steps()).isZero();
            session.step(batch(0), 1e-2);

            assertThat(largestDifference(session.exportAdapter(), train(oneMicroBatchARow, 1)))
                    .isZero();
        }
    }

    @Test
    void aWeightMultipliesTheCrossEntropyOfItsTokenAndNotTheirNumber() {
        TrainingExample row = example(new Random(3), 12);
        float[] weights = weights(row);
        var weighted = new TrainingExample(row.inputIds(), row.labels(), weights);
        try (TrainingSession session = TrainingSession.start(options(Optional.of(LORA), 64, false))) {
            double sum = 0;
            float[] all = session.logits(row.inputIds());
            int vocabulary = all.length / row.length();
            for (int i = 1; i < row.length(); i++) {
                if (row.labels()[i] >= 0) {
                    float[] logits = Arrays.copyOfRange(all, (i - 1) * vocabulary, i * vocabulary);
                    sum += weights[i] * crossEntropy(logits, row.labels()[i]);
                }
            }
            double byHand = sum / row.supervisedTokens();

            assertThat(session.evaluate(List.of(weighted)).loss()).isCloseTo(byHand, within(1e-5));
            assertThat(session.step(List.of(weighted), 0).loss()).isCloseTo(byHand, within(1e-5));
            assertThat(session.evaluate(List.of(row)).loss()).isNotCloseTo(byHand, within(0.1));
        }
    }

    @Test
    void weightsThatAddUpToOneGiveTheGradientOfARowWithout() {
        TrainingExample row = example(new Random(3), 12);
        TrainingExample other = example(new Random(4), 20);
        float[] weights = weights(row);
        float[] rest = weights.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] = 1 - weights[i];
        }
        List<TrainingExample> parts = List.of(
                new TrainingExample(row.inputIds(), row.labels(), weights),
                new TrainingExample(row.inputIds(), row.labels(), rest),
                other);
        for (TrainingOptions options : List.of(options(Optional.of(LORA), 64, false), full("qwen2-tiny", true))) {
            try (TrainingSession session = TrainingSession.start(options)) {
                double norm = session.step(List.of(row, other), 0).gradNorm();
                double inParts = session.step(parts, 0).gradNorm();

                int supervised = row.supervisedTokens() + other.supervisedTokens();
                assertThat(inParts * (supervised + row.supervisedTokens()))
                        .isCloseTo(norm * supervised, within(norm * supervised * 1e-4));
            }
        }
    }

    /** Another one for each token. */
    private static float[] weights(TrainingExample row) {
        float[] weights = new float[row.length()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i % 4 * 0.3f;
        }
        return weights;
    }

    private static double crossEntropy(float[] logits, int target) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        return Math.log(sum) - logits[target];
    }

    @Test
    void saysWhichRowCannotBeTrained() {
        try (TrainingSession session = TrainingSession.start(options(Optional.of(LORA), 64, false))) {
            var foreign = new TrainingExample(new int[] {1, 512}, new int[] {-100, 512});
            assertThatThrownBy(() -> session.step(List.of(batch(0).getFirst(), foreign), 1e-3))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("row 1")
                    .hasMessageContaining("vocab_size is 512");
            var mute = new TrainingExample(new int[] {1, 2}, new int[] {-100, -100});
            assertThatThrownBy(() -> session.step(List.of(mute), 1e-3)).hasMessageContaining("has a token to learn");
            var endless = new TrainingExample(new int[257], new int[257]);
            assertThatThrownBy(() -> session.step(List.of(endless), 1e-3))
                    .hasMessageContaining("257 tokens")
                    .hasMessageContaining("max_position_embeddings is 256");
        }
    }

    private static float[] logitsAfterFullTraining(String model, boolean recompute) {
        try (TrainingSession session = TrainingSession.start(full(model, recompute))) {
            for (int step = 0; step < 3; step++) {
                session.step(batch(step), 1e-3);
            }
            return session.logits(batch(0).getFirst().inputIds());
        }
    }

    private static PeftAdapter train(TrainingOptions options, int steps) {
        try (TrainingSession session = TrainingSession.start(options)) {
            for (int step = 0; step < steps; step++) {
                session.step(batch(step), 1e-2);
            }
            return session.exportAdapter();
        }
    }

    private static TrainingOptions options(Optional<LoraConfig> lora, int maxTokensPerPass, boolean recompute) {
        return new TrainingOptions(
                Golden.model("qwen2-tiny"),
                List.of(Device.CPU),
                DType.F32,
                DType.F32,
                lora,
                adamW(),
                1,
                42,
                maxTokensPerPass,
                recompute);
    }

    private static TrainingOptions full(String model, boolean recompute) {
        return full(model, 64, recompute);
    }

    private static TrainingOptions full(String model, int maxTokensPerPass, boolean recompute) {
        return new TrainingOptions(
                Golden.model(model),
                List.of(Device.CPU),
                DType.F32,
                DType.F32,
                Optional.empty(),
                adamW(),
                1,
                42,
                maxTokensPerPass,
                recompute);
    }

    private static TrainingOptions withSeed(TrainingOptions o, long seed) {
        return new TrainingOptions(
                o.model(),
                o.devices(),
                o.dtype(),
                o.rotaryDtype(),
                o.lora(),
                o.adamW(),
                o.maxGradNorm(),
                seed,
                o.maxTokensPerPass(),
                o.gradientCheckpointing());
    }

    private static AdamW adamW() {
        return new AdamW(0.9, 0.95, 1e-8, 0.1);
    }

    /** Rows of 5 to 30 tokens, the same for the same step. */
    private static List<TrainingExample> batch(int step) {
        var random = new Random(step);
        List<TrainingExample> rows = new ArrayList<>();
        for (int row = 0; row < 6; row++) {
            rows.add(example(random, 5 + random.nextInt(26)));
        }
        return rows;
    }

    private static TrainingExample example(Random random, int length) {
        int[] ids = random.ints(length, 0, VOCABULARY).toArray();
        int[] labels = ids.clone();
        Arrays.fill(labels, 0, length / 3, -100);
        return new TrainingExample(ids, labels);
    }

    private static double largestDifference(PeftAdapter one, PeftAdapter other) {
        double largest = 0;
        for (var entry : one.weights().entrySet()) {
            LoraWeights mine = entry.getValue();
            LoraWeights others = other.weights().get(entry.getKey());
            largest = Math.max(largest, largestDifference(mine.a(), others.a()));
            largest = Math.max(largest, largestDifference(mine.b(), others.b()));
            if (mine.magnitude().isPresent()) {
                largest = Math.max(
                        largest,
                        largestDifference(
                                mine.magnitude().get(), others.magnitude().orElseThrow()));
            }
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
