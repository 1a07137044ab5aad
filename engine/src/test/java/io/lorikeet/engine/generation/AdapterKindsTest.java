package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.RankRows;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.program.SlotSampling;
import io.lorikeet.engine.program.StepFlags;
import io.lorikeet.engine.program.WeightFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of adapter that PEFT writes gives PEFT's logits, or is refused with what to do instead. */
class AdapterKindsTest {
    private static final Path GOLDEN = Golden.folder("qwen2-adapters");
    private static final List<String> SERVED = List.of(
            "dora",
            "dora-rslora",
            "rank-alpha-pattern",
            "regex",
            "layers-to-transform",
            "exclude",
            "lora-bias",
            "bias-lora-only");
    private static final int STEPS = 5;
    private static final int PROMPT = 12;
    private static final StepFlags LOGPROBS = new StepFlags(false, false, false, true, false);

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:0"})
    void givesPeftsLogits(String device) {
        with(new Device(device), 1, 6, (program, model) -> {
            int[][] ids = inputIds();
            for (String kind : SERVED) {
                PeftAdapter adapter = adapter(kind, model);
                var place =
                        AdapterPlace.of(0, 0, adapter.rank(), adapter.config().adjusts());
                AdapterLoads.copy(program, adapter, place);
                float[] expected = tensor("logits_" + kind);
                int at = 0;
                for (int[] row : ids) {
                    for (float logit : program.logits(row, 0, Optional.of(place))) {
                        assertThat(logit).as(kind).isCloseTo(expected[at++], within(1e-4f));
                    }
                }
                assertThat(at).isEqualTo(expected.length);
                assertThat(expected).as("the adapter changes something").isNotEqualTo(tensor("logits"));
            }
            return null;
        });
    }

    /** Base, plain LoRA and every other kind in one step, ranks and rank rows in pieces: each row as if it were alone. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu:0"})
    void servesAllKindsInOneStep(String device) {
        int rows = SERVED.size() + 1;
        with(new Device(device), rows, 64, (program, model) -> {
            List<Optional<AdapterPlace>> places = new ArrayList<>();
            var pool = new RankRowPool(64);
            List<RankRows> hole = pool.take(3);
            pool.take(1);
            pool.give(hole);
            for (String kind : SERVED) {
                PeftAdapter adapter = adapter(kind, model);
                // the first two in pieces: 3 rank rows in the hole, the others behind what is taken
                List<RankRows> runs = new ArrayList<>();
                for (int left = adapter.rank(); left > 0; ) {
                    int piece = Math.min(left, 3);
                    runs.addAll(pool.take(piece));
                    left -= piece;
                }
                var place =
                        new AdapterPlace(places.size(), runs, adapter.config().adjusts());
                AdapterLoads.copy(program, adapter, place);
                places.add(Optional.of(place));
            }
            places.add(3, Optional.empty());

            int[] prompt = Arrays.copyOf(inputIds()[0], PROMPT);
            List<List<Integer>> tokens = new ArrayList<>();
            float[][] logprobs = new float[rows][STEPS];
            for (int row = 0; row < rows; row++) {
                program.openSlot(row, places.get(row), SlotSampling.GREEDY);
                tokens.add(new ArrayList<>(List.of(program.prefillLast(prompt, row, 0, StepFlags.NONE))));
            }
            for (int step = 0; step < STEPS; step++) {
                program.decode(rows, 64, LOGPROBS);
                long[] next = program.readTokens(rows);
                for (int row = 0; row < rows; row++) {
                    tokens.get(row).add((int) next[row]);
                    logprobs[row][step] = program.logprobs(0, rows).chosen(row);
                }
            }
            for (int row = 0; row < rows; row++) {
                program.closeSlot(row);
            }
            int vocabulary = model.config().vocabSize();
            for (int row = 0; row < rows; row++) {
                int[] whole = Arrays.copyOf(prompt, PROMPT + STEPS);
                for (int step = 0; step < STEPS; step++) {
                    whole[PROMPT + step] = tokens.get(row).get(step);
                }
                float[] logits = program.logits(whole, 0, places.get(row));
                for (int step = 0; step < STEPS; step++) {
                    int from = (PROMPT + step) * vocabulary;
                    float[] position = Arrays.copyOfRange(logits, from, from + vocabulary);
                    assertThat(logprobs[row][step])
                            .as("row %d, step %d", row, step)
                            .isCloseTo((float) logprob(position, tokens.get(row).get(step + 1)), within(1e-4f));
                }
            }
            assertThat(tokens.stream().distinct().count())
                    .as("they do not all say the same")
                    .isGreaterThan(SERVED.size() / 2);
            return null;
        });
    }

    @Test
    void anAdapterInTheSameSlotLeavesNothingBehind() {
        with(Device.CPU, 1, 6, (program, model) -> {
            for (String kind : List.of("dora", "lora-bias", "regex")) {
                PeftAdapter adapter = adapter(kind, model);
                var place =
                        AdapterPlace.of(0, 0, adapter.rank(), adapter.config().adjusts());
                AdapterLoads.copy(program, adapter, place);
                // adjusted although the last one is not: what the others left would show
                float[] logits = program.logits(inputIds()[0], 0, Optional.of(new AdapterPlace(0, place.runs(), true)));
                assertThat(logits[7]).as(kind).isCloseTo(tensor("logits_" + kind)[7], within(1e-4f));
            }
            return null;
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "save-lm-head   | modules_to_save = [\"lm_head\"] | merge_and_unload()",
                "lm-head-target | targets lm_head | merge_and_unload()",
                "embed-target   | targets model.embed_tokens | merge_and_unload()",
                "tokens         | trainable_token_indices = [5,9,77] | merge_and_unload()",
                "pissa          | init_lora_weights: expected one that leaves the base model's weights alone | path_initial_model_for_weight_conversion",
                "olora          | found \"olora\" | path_initial_model_for_weight_conversion",
            })
    void refusesTheOthersByNameAndSaysWhatToDo(String kind, String what, String instead) {
        try (ModelCheckpoint model = ModelCheckpoint.open(GOLDEN.resolve("model"))) {
            assertThatExceptionOfType(AdapterException.class)
                    .isThrownBy(() -> adapter(kind, model))
                    .withMessageContaining(what)
                    .withMessageContaining(instead)
                    .returns(Reason.UNSUPPORTED_CONFIG, AdapterException::kind);
        }
    }

    private static double logprob(float[] logits, int token) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) logit - logits[token]);
        }
        return -Math.log(sum);
    }

    private static PeftAdapter adapter(String kind, ModelCheckpoint model) {
        return PeftAdapter.read(GOLDEN.resolve("adapters").resolve(kind), model.config());
    }

    private static int[][] inputIds() {
        try (Safetensors file = Safetensors.open(GOLDEN.resolve("expected.safetensors"))) {
            var tensor = file.tensors().get("input_ids");
            int columns = (int) tensor.shape()[1];
            long[] values = tensor.toLongs();
            int[][] rows = new int[values.length / columns][columns];
            for (int i = 0; i < values.length; i++) {
                rows[i / columns][i % columns] = (int) values[i];
            }
            return rows;
        }
    }

    private static float[] tensor(String name) {
        try (Safetensors file = Safetensors.open(GOLDEN.resolve("expected.safetensors"))) {
            return file.tensors().get(name).toFloats();
        }
    }

    private interface Use {
        Void of(ServingProgram program, ModelCheckpoint model);
    }

    private static void with(Device device, int sequences, int rankRows, Use use) {
        try (var thread = new EngineThread("test");
                ModelCheckpoint model = ModelCheckpoint.open(GOLDEN.resolve("model"))) {
            var options = new ProgramOptions(
                    model.config(),
                    device,
                    DType.F32,
                    DType.F32,
                    sequences,
                    64,
                    sequences,
                    6,
                    rankRows,
                    TrainedLora.NONE,
                    WeightFormat.DENSE,
                    Kernels.AUTO);
            Function<DecoderProgram, Void> run = program -> use.of(program.serve(), model);
            thread.call(() -> {
                try (var program = DecoderProgram.load(options, model)) {
                    return run.apply(program);
                }
            });
        }
    }
}
