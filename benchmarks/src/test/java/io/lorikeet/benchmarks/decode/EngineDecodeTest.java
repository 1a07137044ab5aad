package io.lorikeet.benchmarks.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.benchmarks.model.Geometry;
import io.lorikeet.benchmarks.model.RandomModel;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.Device;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineDecodeTest {
    @TempDir
    Path folder;

    @Test
    void timesEveryTokenOfEveryStream() {
        Path model = RandomModel.write(folder.resolve("model"), Geometry.TINY, 1);
        try (var engine = InferenceEngine.start(
                new InferenceOptions(model, Device.CPU, DType.F32, Batching.of(4, 256), new Loras(2, 2, 4)))) {
            var decode = new EngineDecode(engine);
            decode.activate(2, new LoraConfig(4, 8, 0, LoraConfig.allLinear(), false));

            TokenClock clock = decode.run(4, 2, 16, "and then?");

            assertThat(clock.tokens()).isEqualTo(64);
            assertThat(clock.tokensPerSecond()).isPositive().isFinite();
        }
    }
}
