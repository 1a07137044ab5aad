package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.generation.StopTokens;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.LearningRateSchedule;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.trainer.RunException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything about a run that is known before its weights are loaded. A dry run ends here.
 *
 * @param maxLength tokens of a row, by the job or by the model
 * @param resume the checkpoint to go on from
 * @param warnings what the command asks for and this run cannot put to use, and what else a person should know
 */
public record Preparation(
        BaseModel base,
        ModelConfig config,
        int maxLength,
        TrainingData data,
        RunPlan plan,
        LearningRateSchedule schedule,
        Optional<Resume> resume,
        TrainingOptions options,
        List<String> warnings) {

    /**
     * Reads data and configuration.
     *
     * @param alive called now and then while the data is read
     * @throws RunException if the command asks for what this trainer would not do
     * @throws io.lorikeet.trainer.dataset.DatasetException if the data is not right
     * @throws io.lorikeet.engine.EngineException if the model or the device is not
     */
    public static Preparation of(RunSetup setup, Runnable alive) throws IOException {
        TrainCommand command = setup.command();
        TrainingSettings settings = command.settings();
        SettingsCheck.refuse(command);
        List<Device> devices = Device.several(setup.device());
        BaseModel base;
        ModelConfig config;
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(setup.model())) {
            base = new BaseModel(setup.modelId(), checkpoint.fingerprint(BaseQuantization.of(settings.quant())));
            config = checkpoint.config();
        }
        Integer wanted = settings.data().maxLength();
        int maxLength =
                wanted == null ? config.maxPositionEmbeddings() : Math.min(wanted, config.maxPositionEmbeddings());
        TrainingData data;
        try (Qwen2Tokenizer tokenizer = Qwen2Tokenizer.open(setup.model(), config.vocabSize())) {
            // what the acceptance questions would find out after the training
            StopTokens.of(setup.model(), config, tokenizer);
            data = TrainingData.load(setup, tokenizer, maxLength, alive);
        }
        RunPlan plan = RunPlan.of(data.train().size(), settings.schedule());
        LearningRateSchedule schedule = SessionOptions.schedule(settings, plan);

        var warnings = new ArrayList<>(SettingsCheck.warnings(command));
        if (wanted != null && wanted > maxLength) {
            warnings.add("max_length: is %d, the model's limit is %d".formatted(wanted, maxLength));
        }
        warnings.addAll(data.warnings());
        Optional<Resume> resume = Resume.find(setup, plan, data.sha256());
        TrainingOptions options = SessionOptions.of(setup, devices, config, data, plan, resume, warnings);
        return new Preparation(base, config, maxLength, data, plan, schedule, resume, options, List.copyOf(warnings));
    }

    /** The command with everything that it left open decided. */
    public TrainCommand resolved(TrainCommand command) {
        TrainingSettings settings = command.settings();
        return command.with(settings.resolved(
                settings.run()
                        .resolved(
                                NumberFormats.of(options.dtype()),
                                options.gradientCheckpointing(),
                                options.maxTokensPerPass()),
                maxLength));
    }
}
