package io.lorikeet.engine.sharing;

import io.lorikeet.engine.EngineException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a process shares with others on its device.
 *
 * @param directory where they find each other, the same one for all; none: nothing is shared
 * @param deviceShare of the device's time, that training may take while requests run: above 0, at most 1; 1: training never
 *     waits
 */
public record Sharing(Optional<Path> directory, double deviceShare) {
    /** Every process for itself. */
    public static final Sharing OFF = new Sharing(Optional.empty(), 1);

    private static final double DEVICE_SHARE = 0.45;

    public Sharing {
        if (!(deviceShare > 0 && deviceShare <= 1)) {
            throw new EngineException("device share: expected a number above 0 and at most 1, found " + deviceShare);
        }
    }

    /** In a directory, training giving way as usual. */
    public static Sharing in(Path directory) {
        return new Sharing(Optional.of(directory), DEVICE_SHARE);
    }

    /** Whether a training has to give way to whoever serves on its device. */
    public boolean givesWay() {
        return directory.isPresent() && deviceShare < 1;
    }

    /** Reads the setting of a directory: {@code off}, or its path. */
    public static Optional<Path> directory(String setting) {
        return setting.equals("off") ? Optional.empty() : Optional.of(Path.of(setting));
    }
}
