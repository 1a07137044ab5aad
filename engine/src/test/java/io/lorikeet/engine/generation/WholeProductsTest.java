package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.program.SlotSampling;
import io.lorikeet.engine.program.StepFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * On CUDA the A's of the adapters lie below the weights, and one product gives both. So they do on a processor that is not
 * called {@code cpu}.
 */
class WholeProductsTest {
    private static final Device WITH_ROOM = new Device("cpu:0");
    private static final int[] PROMPT = {5, 17, 99, 3, 250, 42, 7};
    private static final int ROWS = 3;
    private static final int ADAPTER_SLOT = 1;
    private static final int STEPS = 6;
    private static final StepFlags LOGPROBS = new StepFlags(false, false, false, true, false);

    @ParameterizedTest
    @FieldSource("io.lorikeet.engine.Golden#CASES")
    void oneProductForWeightAndAdaptersGivesWhatTwoGive(String golden) {
        List<Float> apart = logprobs(golden, Device.CPU);
        List<Float> whole = logprobs(golden, WITH_ROOM);

        assertThat(whole).hasSameSizeAs(apart);
        for (int i = 0; i < apart.size(); i++) {
            assertThat(whole.get(i)).isCloseTo(apart.get(i), within(1e-4f));
        }
        // the row with the adapter says something else than its neighbours
        assertThat(apart.get(1)).isNotCloseTo(apart.get(0), within(1e-2f));
    }

    /** Of the likeliest token of each row of each step: base, adapter, base. */
    private static List<Float> logprobs(String golden, Device device) {
        try (var thread = new EngineThread("test");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model(golden))) {
            PeftAdapter adapter =
                    PeftAdapter.read(Golden.folder(golden).resolve("adapter-trained"), checkpoint.config());
            var options = new ProgramOptions(
                    checkpoint.config(),
                    device,
                    DType.F32,
                    DType.F32,
                    ROWS,
                    64,
                    2,
                    2 * adapter.config().r(),
                    TrainedLora.NONE);
            return thread.call(() -> {
                try (var program = DecoderProgram.load(options, checkpoint)) {
                    return decode(program.serve(), adapter);
                }
            });
        }
    }

    private static List<Float> decode(ServingProgram program, PeftAdapter adapter) {
        AdapterPlace place = AdapterPlace.of(
                ADAPTER_SLOT, 3, adapter.rank(), adapter.config().adjusts());
        AdapterLoads.copy(program, adapter, place);
        for (int row = 0; row < ROWS; row++) {
            program.openSlot(row, row == 1 ? Optional.of(place) : Optional.empty(), SlotSampling.GREEDY);
            program.prefillLast(PROMPT, row, 0, LOGPROBS);
        }
        List<Float> logprobs = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            program.decode(ROWS, 64, LOGPROBS);
            for (int row = 0; row < ROWS; row++) {
                logprobs.add(program.logprobs(0, ROWS).chosen(row));
            }
        }
        return logprobs;
    }
}
