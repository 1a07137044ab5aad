package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model lives: the processor or one CUDA device.
 *
 * @param torchName PyTorch's name, {@code cpu} or {@code cuda:0}
 */
public record Device(String torchName) {
    public static final Device CPU = new Device("cpu");
    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    /** Reads {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public static Device of(String name) {
        Matcher cuda = CUDA.matcher(name);
        if (name.equals("cpu")) {
            return CPU;
        }
        if (!cuda.matches()) {
            throw new EngineException("device: expected cpu, cuda or cuda:N, found '" + name + "'");
        }
        return new Device("cuda:" + (cuda.group(1) == null ? "0" : cuda.group(1)));
    }

    public boolean isCuda() {
        return torchName.startsWith("cuda");
    }

    /** The number of a CUDA device. */
    int index() {
        return Integer.parseInt(torchName.substring("cuda:".length()));
    }

    ai.djl.Device toDjl() {
        return isCuda() ? ai.djl.Device.gpu(index()) : ai.djl.Device.cpu();
    }
}
