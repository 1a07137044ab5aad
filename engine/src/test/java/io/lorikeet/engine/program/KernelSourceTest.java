package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import org.junit.jupiter.api.Test;

class KernelSourceTest {
    private static final Gpu H100 = new Gpu(9, 0, 132, 232_448);

    private final ModelConfig config =
            ConfigReader.read(Golden.model("qwen2-tiny").resolve("config.json"));

    private ProgramOptions options(String device, DType dtype, int rank) {
        return new ProgramOptions(config, Device.of(device), dtype, DType.F32, 40, 64, 2, rank, TrainedLora.NONE);
    }

    @Test
    void saysTheModelsSizesAndTheDevicesBeforeTheFiles() {
        String text = new KernelSource(options("cuda:0", DType.BF16, 8), H100, 3).text();
        assertThat(text)
                .startsWith("#define HIDDEN " + config.hiddenSize() + "\n")
                .contains("#define RANK_ROWS 16\n", "#define SLOTS 40\n", "#define BLOCKS 132\n")
                .contains("void product(", "attention(const", "residual_norm(const")
                .endsWith("PRODUCTS(3)\n");
        assertThat(text.indexOf("#define DOWN_SLICES")).isLessThan(text.indexOf("typedef unsigned short bf16"));
    }

    @Test
    void cutsNoProductIntoMoreSlicesThanItHasChunks() {
        var source = new KernelSource(options("cuda:0", DType.BF16, 8), H100, 1);
        for (LinearStack stack : LinearStack.values()) {
            assertThat(source.slices(stack)).isBetween(1, Math.ceilDiv(stack.inFeatures(config), 128));
        }
    }

    /** A product of few rows would leave most blocks without any. */
    @Test
    void cutsAProductOfFewRowsIntoSlicesButNotTheOneThatIsActivated() {
        var source = new KernelSource(options("cuda:0", DType.BF16, 8), H100, 1);
        assertThat(source.slices(LinearStack.DOWN_PROJ)).isGreaterThan(1);
        assertThat(source.slices(LinearStack.GATE_UP_PROJ)).isEqualTo(1);
    }

    @Test
    void namesWhatKeepsAProgramFromHavingKernels() {
        assertThat(KernelSource.obstacle(options("cuda:0", DType.BF16, 8))).isEmpty();
        assertThat(KernelSource.obstacle(options("cpu", DType.F32, 8))).hasValue("the device is a processor");
        assertThat(KernelSource.obstacle(options("cuda:0", DType.BF16, 8).with(Kernels.OFF)))
                .hasValue("they are switched off");
        assertThat(KernelSource.obstacle(options("cuda:0", DType.F32, 8))).hasValue("they are for weights in bfloat16");
    }

    @Test
    void leavesAdaptersToTheProgramIfTheirRankRowsAreNoTiles() {
        assertThat(new KernelSource(options("cuda:0", DType.BF16, 8), H100, 1).servesAdapters())
                .isTrue();
        assertThat(new KernelSource(options("cuda:0", DType.BF16, 6), H100, 1).servesAdapters())
                .isFalse();
    }

    @Test
    void namesTheSettingsValues() {
        assertThat(Kernels.of("off")).isEqualTo(Kernels.OFF);
        assertThatThrownBy(() -> Kernels.of("on")).hasMessage("kernels: expected auto or off, found 'on'");
    }
}
