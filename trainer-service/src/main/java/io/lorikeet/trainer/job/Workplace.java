package io.lorikeet.trainer.job;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.TorchDtype;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.store.AdapterStore;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.dataset.RowCache;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.plan.RunSetup;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Where a trainer finds and puts things.
 *
 * @param defaultModel folder of the base that is trained if a command names none
 * @param roots where the paths in commands lead
 * @param adaptersRoot jobs and their checkpoints are written here
 * @param store where adapters go that are ready to be served
 * @param device what trains
 * @param dtype number format of the base if the command names none
 * @param cache of tokenised rows
 * @param sharing what other processes on the device have too
 */
public record Workplace(
        Optional<Path> defaultModel,
        Roots roots,
        Path adaptersRoot,
        AdapterStore store,
        String device,
        Optional<TorchDtype> dtype,
        RowCache cache,
        Sharing sharing) {

    /**
     * Refuses a name under which the adapter could never be asked, before anything is trained.
     *
     * @throws RunException if the adapter has the name of its base model, or of the default one
     */
    void requireOtherName(TrainCommand command) {
        Set<String> bases = new HashSet<>();
        bases.add(model(command).getFileName().toString());
        defaultModel.ifPresent(folder ->
                bases.add(folder.toAbsolutePath().normalize().getFileName().toString()));
        if (bases.contains(command.adapter())) {
            throw new RunException(
                    "adapter",
                    false,
                    "adapter: '%s' is the base model's name, which no adapter can have; choose another one"
                            .formatted(command.adapter()));
        }
    }

    /** What a run of the command is told that writes to this folder. */
    RunSetup setup(TrainCommand command, RunFolder folder) {
        requireOtherName(command);
        return new RunSetup(command, modelId(command), model(command), roots, device, dtype, folder, cache, sharing);
    }

    /** The same for a dry run, which writes nothing. */
    public RunSetup dryRun(TrainCommand command) {
        return setup(
                command,
                RunFolder.unwritten(adaptersRoot.resolve(command.adapter()).resolve("dry-run")));
    }

    /** The base model's name in messages: as the command has it, else the default's folder name. */
    private String modelId(TrainCommand command) {
        return command.model() == null ? model(command).getFileName().toString() : command.model();
    }

    /** The base model's folder. */
    private Path model(TrainCommand command) {
        String name = command.model();
        if (name == null) {
            return defaultModel
                    .orElseThrow(() -> new RunException(
                            "model", false, "the command names no model, and this trainer has no default one"))
                    .toAbsolutePath()
                    .normalize();
        }
        return roots.models()
                .findFolder(name)
                // whoever names the default by its path means it, wherever it lies
                .or(() -> defaultModel.filter(folder -> folder.toString().equals(name)))
                .orElseThrow(() -> new RunException(
                        "model", false, "model " + roots.models().missing(name)));
    }
}
