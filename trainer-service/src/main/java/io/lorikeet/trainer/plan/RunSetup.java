package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.TorchDtype;
import io.lorikeet.trainer.output.RunFolder;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run is told.
 *
 * @param modelId the base as messages name it
 * @param model its folder
 * @param dataRoot where relative dataset paths begin
 * @param device {@code cpu}, {@code cuda:0}, or several GPUs with commas between them
 * @param dtype number format of the base if the job names none; empty: by device
 * @param folder where it writes
 * @param resumeFrom another run's checkpoint to begin from
 */
public record RunSetup(
        TrainCommand command,
        String modelId,
        Path model,
        Path dataRoot,
        String device,
        Optional<TorchDtype> dtype,
        RunFolder folder,
        Optional<Path> resumeFrom) {}
