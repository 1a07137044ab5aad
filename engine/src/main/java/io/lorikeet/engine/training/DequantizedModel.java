package io.lorikeet.engine.training;

import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.WeightFormat;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a base's weights stand for once they are quantised: those that an adapter trained over them knows. */
final class DequantizedModel implements AutoCloseable {
    private final EngineThread thread = new EngineThread("dequantized");
    private final DecoderProgram program;
    private final ModelCheckpoint checkpoint;
    private final Set<String> quantized;

    /** @param dtype in which the weights are multiplied with: F32 or BF16 */
    DequantizedModel(ModelCheckpoint checkpoint, Quantization quantization, DType dtype) {
        var options =
                new ProgramOptions(checkpoint.config(), Device.CPU, dtype, DType.F32, 1, 1, 1, 1, TrainedLora.NONE);
        this.checkpoint = checkpoint;
        quantized = IntStream.range(0, checkpoint.config().numHiddenLayers())
                .boxed()
                .flatMap(layer -> Arrays.stream(LinearModule.values()).map(module -> module.path(layer) + ".weight"))
                .collect(Collectors.toUnmodifiableSet());
        try {
            program = thread.call(() ->
                    DecoderProgram.load(options.with(WeightFormat.training(checkpoint, quantization)), checkpoint));
        } catch (RuntimeException e) {
            thread.close();
            throw e;
        }
    }

    /** A tensor of the checkpoint, row-major; one that is not quantised as it is. */
    float[] weight(String name) {
        return quantized.contains(name)
                ? thread.call(() -> program.readWeight(name))
                : checkpoint.tensor(name).toFloats();
    }

    @Override
    public void close() {
        thread.run(program::close);
        thread.close();
    }
}
