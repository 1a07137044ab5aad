package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.model.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a model lives: the processor or one CUDA device.
 *
 * @param torchName PyTorch's name, {@code cpu} or {@code cuda:0}
 */
public record Device(String torchName) {
    public static final Device CPU = new Device("cpu");
    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    /**
     * Reads several, with commas between them.
     *
     * @throws EngineException if they are not all processors or all different GPUs
     */
    public static List<Device> several(String names) {
        List<Device> devices = Arrays.stream(names.split(",", -1))
                .map(name -> Device.of(name.strip()))
                .toList();
        long kinds = devices.stream().map(Device::isCuda).distinct().count();
        if (kinds > 1) {
            throw new EngineException("device: expected cpu or GPUs, not both, found '" + names + "'");
        }
        List<Device> gpus = devices.stream().filter(Device::isCuda).toList();
        if (Set.copyOf(gpus).size() < gpus.size()) {
            throw new EngineException("device: expected each GPU once, found '" + names + "'");
        }
        return devices;
    }

    /** Reads {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public static Device of(String name) {
        if (name.contains(",")) {
            throw new EngineException("device: expected one device, found '" + name
                    + "'. Only a trainer takes several; to answer with several GPUs, start a process for each");
        }
        Matcher cuda = CUDA.matcher(name);
        if (name.equals("cpu")) {
            return CPU;
        }
        if (!cuda.matches()) {
            throw new EngineException("device: expected cpu, cuda or cuda:N, found '" + name + "'");
        }
        return new Device("cuda:" + (cuda.group(1) == null ? "0" : cuda.group(1)));
    }

    /** Their names as {@link #several} reads them. */
    public static String names(List<Device> devices) {
        return devices.stream().map(Device::torchName).collect(Collectors.joining(","));
    }

    public boolean isCuda() {
        return torchName.startsWith("cuda");
    }

    /** What a model is computed in here if nobody says: bfloat16 on CUDA, float32 on the processor. */
    public DType dtype() {
        return isCuda() ? DType.BF16 : DType.F32;
    }

    /** The number of a CUDA device. */
    int index() {
        return Integer.parseInt(torchName.substring("cuda:".length()));
    }

    ai.djl.Device toDjl() {
        return isCuda() ? ai.djl.Device.gpu(index()) : ai.djl.Device.cpu();
    }
}
