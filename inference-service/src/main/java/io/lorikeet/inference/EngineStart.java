package io.lorikeet.inference;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.generation.InferenceOptions.Batching;
import io.lorikeet.engine.generation.InferenceOptions.Loras;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Kernels;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.model.Speculation;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.inference.metrics.StepMetrics;
import io.quarkus.runtime.PreventFurtherStepsException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** Opens the model before anything else starts, so that a port that answers is a model that answers. */
@ApplicationScoped
public class EngineStart {
    private static final Logger LOG = Logger.getLogger(EngineStart.class);

    void start(@Observes @Priority(1) StartupEvent event, InferenceEngine engine, ServedModel model) {
        LOG.infof(
                "serves %s, %s, on %s",
                model.id(), model.fingerprint(), engine.options().device());
    }

    @Produces
    @Singleton
    InferenceEngine engine(InferenceConfig config, StepMetrics steps) {
        try {
            var device = Device.of(config.device());
            return InferenceEngine.start(
                    new InferenceOptions(
                            config.model(),
                            device,
                            config.dtype().map(EngineStart::dtype).orElseGet(device::dtype),
                            new Batching(
                                    config.maxNumSeqs(),
                                    config.maxModelLen(),
                                    config.prefillChunk(),
                                    config.maxNumWaiting(),
                                    config.maxQueueTime(),
                                    config.prefixCacheSize(),
                                    config.maxPrefixLen(),
                                    config.graphWarmUpLen()),
                            new Loras(
                                    config.maxLoras(),
                                    config.maxCpuLoras(),
                                    config.maxAddressedVersions(),
                                    config.maxLoraRank(),
                                    config.maxLoraRanks()),
                            Quantization.of(config.quantization()),
                            Kernels.of(config.kernels()),
                            Speculation.of(config.speculation()),
                            Sharing.directory(config.baseShare())
                                    .map(Sharing::in)
                                    .orElse(Sharing.OFF)),
                    steps);
        } catch (EngineException | IllegalArgumentException e) {
            // the one line that whoever started it needs, instead of a stack trace
            LOG.fatalf("cannot serve %s: %s", config.model(), e.getMessage());
            Quarkus.asyncExit(1);
            throw new PreventFurtherStepsException();
        }
    }

    @Produces
    @Singleton
    ServedModel model(InferenceConfig config, InferenceEngine engine) {
        var folder = config.model().toAbsolutePath().normalize().getFileName();
        var id = config.servedModelName().orElse(String.valueOf(folder));
        var maxModelLen = config.maxModelLen() == 0 ? engine.config().maxPositionEmbeddings() : config.maxModelLen();
        try (var checkpoint = ModelCheckpoint.open(config.model())) {
            return new ServedModel(id, engine.fingerprint(), checkpoint.generationConfig(), maxModelLen);
        }
    }

    void stop(@Disposes InferenceEngine engine) {
        engine.close();
    }

    private static DType dtype(String name) {
        return switch (name) {
            case "float32" -> DType.F32;
            case "bfloat16" -> DType.BF16;
            default -> throw new IllegalArgumentException("dtype must be float32 or bfloat16, is " + name);
        };
    }
}
