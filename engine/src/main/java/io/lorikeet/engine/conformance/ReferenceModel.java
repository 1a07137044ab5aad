package io.lorikeet.engine.conformance;

import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.generation.BatchGenerator;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import java.nio.file.Path;
import java.util.function.ToIntFunction;

/** A reference folder's model, in the program that serves. */
record ReferenceModel(Path folder, Device device) {
    interface Use<T> {
        T of(DecoderProgram program, BatchGenerator generator);
    }

    /**
     * Loads it for one use.
     *
     * @param rotary see {@link ProgramOptions}
     * @param sequences at once
     * @param rank of an adapter at most, by the model's configuration
     */
    <T> T serve(DType rotary, int sequences, ToIntFunction<ModelConfig> rank, Use<T> use) {
        try (var thread = new EngineThread("conformance");
                ModelCheckpoint checkpoint = ModelCheckpoint.open(folder.resolve("model"))) {
            ModelConfig config = checkpoint.config();
            var options = new ProgramOptions(
                    config,
                    device,
                    device.dtype(),
                    rotary,
                    sequences,
                    config.maxPositionEmbeddings(),
                    1,
                    rank.applyAsInt(config),
                    TrainedLora.NONE);
            return thread.call(() -> {
                try (DecoderProgram program = DecoderProgram.load(options, checkpoint)) {
                    return use.of(program, new BatchGenerator(program));
                }
            });
        }
    }
}
