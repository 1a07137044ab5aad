package io.lorikeet.trainer.files;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The folders that a command's paths lead into, the only ones that it can have the trainer read.
 *
 * @param data what {@code dataset} and {@code val_dataset} name
 * @param models base models
 * @param adapters what {@code resume_from_checkpoint} and {@code output_dir} name
 */
public record Roots(Root data, Root models, Root adapters) {

    /** For commands of callers. */
    public static Roots of(Path data, Optional<Path> models, Path adapters) {
        return new Roots(
                Root.of(Optional.of(data), "LORIKEET_DATA_ROOT"),
                Root.of(models, "LORIKEET_MODELS_ROOT"),
                adapters(adapters));
    }

    /** The last of them alone. */
    public static Root adapters(Path folder) {
        return Root.of(Optional.of(folder), "LORIKEET_ADAPTERS_ROOT");
    }

    /** For the commands of a person who runs a tool on his own files: these are only where relative names begin. */
    public static Roots anywhere(Path data, Path models) {
        return new Roots(Root.anywhere(data), Root.anywhere(models), Root.anywhere(Path.of("")));
    }
}
