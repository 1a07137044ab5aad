package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.TorchDtype;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.trainer.dataset.RowCache;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run is told.
 *
 * @param modelId the base as messages name it
 * @param model its folder
 * @param roots where the paths in the command lead
 * @param device {@code cpu}, {@code cuda:0}, or several GPUs with commas between them
 * @param dtype number format of the base if the job names none; empty: by device
 * @param folder where it writes
 * @param cache of tokenised rows
 * @param sharing what other processes on the device have too
 */
public record RunSetup(
        TrainCommand command,
        String modelId,
        Path model,
        Roots roots,
        String device,
        Optional<TorchDtype> dtype,
        RunFolder folder,
        RowCache cache,
        Sharing sharing) {

    /** One that keeps no tokenised rows for later runs, and has everything for itself. */
    public RunSetup(
            TrainCommand command,
            String modelId,
            Path model,
            Roots roots,
            String device,
            Optional<TorchDtype> dtype,
            RunFolder folder) {
        this(command, modelId, model, roots, device, dtype, folder, RowCache.none(), Sharing.OFF);
    }
}
