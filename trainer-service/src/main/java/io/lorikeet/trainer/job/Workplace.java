package io.lorikeet.trainer.job;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.TorchDtype;
import io.lorikeet.store.AdapterStore;
import io.lorikeet.trainer.run.RunException;
import io.lorikeet.trainer.run.RunFolder;
import io.lorikeet.trainer.run.RunSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Where a trainer finds and puts things.
 *
 * @param defaultModel folder of the base that is trained if a command names none
 * @param modelsRoot model ids are folders in here
 * @param dataRoot relative dataset paths begin here
 * @param adaptersRoot jobs and their checkpoints are written here
 * @param store where adapters go that are ready to be served
 * @param device what trains
 * @param dtype number format of the base if the command names none
 */
public record Workplace(
        Optional<Path> defaultModel,
        Optional<Path> modelsRoot,
        Path dataRoot,
        Path adaptersRoot,
        AdapterStore store,
        String device,
        Optional<TorchDtype> dtype) {

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

    /** What a run of the command would be told, one that writes nothing. */
    RunSetup dryRun(TrainCommand command) {
        requireOtherName(command);
        return new RunSetup(
                command,
                modelId(command),
                model(command),
                dataRoot,
                device,
                dtype,
                RunFolder.unwritten(adaptersRoot.resolve(command.adapter()).resolve("dry-run")),
                Optional.ofNullable(command.resumeFromCheckpoint()).map(adaptersRoot::resolve));
    }

    /** The base model's name in messages: as the command has it, else the default's folder name. */
    String modelId(TrainCommand command) {
        return command.model() == null ? model(command).getFileName().toString() : command.model();
    }

    /** The base model's folder. */
    Path model(TrainCommand command) {
        if (command.model() == null) {
            return defaultModel
                    .orElseThrow(() -> new RunException(
                            "model", false, "the command names no model, and this trainer has no default one"))
                    .toAbsolutePath()
                    .normalize();
        }
        Optional<Path> known =
                modelsRoot.map(root -> root.resolve(command.model())).filter(Files::isDirectory);
        Path folder = known.orElse(Path.of(command.model())).toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new RunException(
                    "model",
                    false,
                    "model '%s' not found: neither a folder nor an id under %s"
                            .formatted(
                                    command.model(),
                                    modelsRoot.map(Path::toString).orElse("a models root (none is set)")));
        }
        return folder;
    }
}
