package io.lorikeet.trainer.plan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.Promote;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.settings.EvaluationSettings;
import io.lorikeet.contracts.settings.IntervalStrategy;
import io.lorikeet.contracts.settings.LrSchedulerType;
import io.lorikeet.contracts.settings.OutputSettings;
import io.lorikeet.contracts.settings.ScheduleSettings;
import io.lorikeet.contracts.settings.TrainType;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.trainer.RunException;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings that do not go together. What would make a run another one than the command describes is refused; what merely
 * has no effect beside the others is said.
 */
final class SettingsCheck {
    private static final TrainingSettings DEFAULTS = ((TrainCommand) TrainingCommand.parse(
                    "{\"type\": \"train\", \"job_id\": \"a\", \"adapter\": \"a\", \"dataset\": [\"a\"]}"
                            .getBytes(UTF_8)))
            .settings();

    private SettingsCheck() {}

    /** @throws RunException naming every setting that cannot be honoured */
    static void refuse(TrainCommand command) {
        TrainingSettings settings = command.settings();
        EvaluationSettings evaluation = settings.resolved().evaluation();
        List<String> refused = new ArrayList<>();
        if (evaluation.earlyStopInterval() != null) {
            if (!validates(settings)) {
                refused.add(
                        "early_stop_interval: there is nothing to evaluate; set split_dataset_ratio or val_dataset");
            } else if (evaluation.evalStrategy() == IntervalStrategy.NO) {
                refused.add("early_stop_interval: eval_strategy is no; set it to steps or epoch");
            }
        }
        if (command.promote() == Promote.ALWAYS && settings.run().trainType() == TrainType.FULL) {
            refused.add("promote: train_type full makes a model and no adapter, which cannot be served beside others;"
                    + " leave promote out");
        }
        refused.addAll(BaseQuantization.refused(settings));
        if (!refused.isEmpty()) {
            throw new RunException("settings", false, String.join(" | ", refused));
        }
    }

    /** A line for each setting that was given and has no effect beside the others. */
    static List<String> warnings(TrainCommand command) {
        TrainingSettings settings = command.settings();
        ScheduleSettings schedule = settings.schedule();
        OutputSettings output = settings.output();
        EvaluationSettings evaluation = settings.evaluation();
        List<String> inert = new ArrayList<>();
        if (!validates(settings)) {
            boolean asked = evaluation.evalSteps() != null
                    || (evaluation.evalStrategy() != null && evaluation.evalStrategy() != IntervalStrategy.NO);
            if (asked) {
                inert.add("eval_strategy, eval_steps: there is no validation set, so nothing is evaluated;"
                        + " split_dataset_ratio or val_dataset makes one");
            }
        } else if (evaluation.evalSteps() != null
                && settings.resolved().evaluation().evalStrategy() != IntervalStrategy.STEPS) {
            inert.add("eval_steps: eval_strategy is not steps");
        }
        if (evaluation.perDeviceEvalBatchSize() != DEFAULTS.evaluation().perDeviceEvalBatchSize()) {
            inert.add(
                    "per_device_eval_batch_size: rows are packed by max_tokens_per_pass instead; the result is the same");
        }
        if (output.saveSteps() != DEFAULTS.output().saveSteps() && output.saveStrategy() != IntervalStrategy.STEPS) {
            inert.add("save_steps: save_strategy is not steps");
        }
        if (schedule.stepLimit().isPresent()
                && schedule.numTrainEpochs() != DEFAULTS.schedule().numTrainEpochs()) {
            inert.add("num_train_epochs: max_steps is given and goes before it");
        }
        boolean warmup = schedule.warmupSteps() > 0 || schedule.warmupRatio() > 0;
        if (warmup && schedule.lrSchedulerType() == LrSchedulerType.CONSTANT) {
            inert.add(
                    "warmup_ratio, warmup_steps: lr_scheduler_type constant has no warmup; constant_with_warmup has one");
        } else if (schedule.warmupSteps() > 0 && schedule.warmupRatio() > 0) {
            inert.add("warmup_ratio: warmup_steps is given and goes before it");
        }
        if (settings.data().streaming()) {
            inert.add("streaming: rows are read from disk as the run needs them in any case");
        }
        if (settings.run().trainType() == TrainType.FULL && !settings.lora().equals(DEFAULTS.lora())) {
            inert.add(
                    "lora_rank, lora_alpha, lora_dropout, target_modules, use_rslora, use_dora, lorap_lr_ratio: train_type is full");
        }
        return inert;
    }

    private static boolean validates(TrainingSettings settings) {
        return settings.data().splitDatasetRatio() > 0
                || !settings.data().valDataset().isEmpty();
    }
}
