package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import org.junit.jupiter.api.Test;

class CudaDriverTest {
    /** Without a driver there is none to ask; with one, no machine has so many devices. */
    @Test
    void refusesADeviceThatIsNotThereAndSaysWhatWouldBeRight() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-tiny"))) {
            var options = new ProgramOptions(
                    checkpoint.config(), Device.of("cuda:999"), DType.BF16, DType.F32, 1, 64, 1, 8, TrainedLora.NONE);
            assertThatThrownBy(() -> DecoderProgram.load(options, checkpoint))
                    .isInstanceOf(EngineException.class)
                    .hasMessageMatching(
                            "device cuda:999: this machine has (no NVIDIA driver .* Install one, version 525 "
                                    + "or newer.*|\\d+ CUDA devices?, cuda:0.*)");
        }
    }
}
