package io.lorikeet.engine.adapter;

import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** adapter_model.safetensors: every tensor matched to a module of the base model, with its shape, all values finite. */
final class PeftTensors {
    private static final Pattern NAMED_ADAPTER = Pattern.compile("(.*\\.lora_[AB])\\.([^.]+)\\.weight");

    private PeftTensors() {}

    static SortedMap<LoraTarget, LoraWeights> read(byte[] safetensors, LoraConfig config, ModelConfig base) {
        try (Safetensors file = Safetensors.of(PeftAdapter.TENSORS_FILE, safetensors)) {
            SortedSet<LoraTarget> targets = targets(config, base);
            refuseUnknown(file.tensors().keySet(), targets, config);
            SortedMap<LoraTarget, LoraWeights> weights = new TreeMap<>();
            for (LoraTarget target : targets) {
                float[] a =
                        values(file, target.loraA(), config.r(), target.module().inFeatures(base));
                float[] b = values(file, target.loraB(), target.module().outFeatures(base), config.r());
                weights.put(target, new LoraWeights(a, b));
            }
            return weights;
        } catch (CheckpointException e) {
            throw new AdapterException(Reason.MALFORMED_TENSORS, e.getMessage(), e);
        }
    }

    static void check(LoraConfig config, Map<LoraTarget, LoraWeights> weights, ModelConfig base) {
        SortedSet<LoraTarget> targets = targets(config, base);
        for (LoraTarget target : weights.keySet()) {
            if (!targets.contains(target)) {
                throw new AdapterException(
                        Reason.UNKNOWN_TENSOR, "weights for " + target + ", which the adapter does not target");
            }
        }
        for (LoraTarget target : targets) {
            LoraWeights pair = weights.get(target);
            if (pair == null) {
                throw missing(target.loraA());
            }
            long in = target.module().inFeatures(base);
            long out = target.module().outFeatures(base);
            checkLength(target.loraA(), pair.a(), config.r() * in);
            checkLength(target.loraB(), pair.b(), config.r() * out);
            checkFinite(target.loraA(), pair.a());
            checkFinite(target.loraB(), pair.b());
        }
    }

    static SafetensorsWriter writer(LoraConfig config, Map<LoraTarget, LoraWeights> weights) {
        SafetensorsWriter writer = new SafetensorsWriter();
        int r = config.r();
        weights.forEach((target, pair) -> {
            writer.add(target.loraA(), new long[] {r, pair.a().length / r}, pair.a());
            writer.add(target.loraB(), new long[] {pair.b().length / r, r}, pair.b());
        });
        return writer;
    }

    private static SortedSet<LoraTarget> targets(LoraConfig config, ModelConfig base) {
        SortedSet<LoraTarget> targets = new TreeSet<>();
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : config.targetModules()) {
                targets.add(new LoraTarget(layer, module));
            }
        }
        return targets;
    }

    private static void refuseUnknown(Set<String> names, SortedSet<LoraTarget> targets, LoraConfig config) {
        SortedSet<String> unknown = new TreeSet<>(names);
        for (LoraTarget target : targets) {
            unknown.remove(target.loraA());
            unknown.remove(target.loraB());
        }
        if (!unknown.isEmpty()) {
            refuseAdapterNames(unknown.first());
            throw new AdapterException(
                    Reason.UNKNOWN_TENSOR,
                    PeftAdapter.TENSORS_FILE + ": tensor " + unknown.first()
                            + " belongs to no module that the adapter targets ("
                            + config.targetModules().stream()
                                    .map(LinearModule::moduleName)
                                    .toList() + " in "
                            + (targets.last().layer() + 1) + " layers)"
                            + (unknown.size() > 1 ? "; nor do " + (unknown.size() - 1) + " others" : ""));
        }
    }

    private static void refuseAdapterNames(String tensor) {
        Matcher named = NAMED_ADAPTER.matcher(tensor);
        if (named.matches()) {
            throw new AdapterException(
                    Reason.UNKNOWN_TENSOR,
                    PeftAdapter.TENSORS_FILE + ": tensor " + tensor + ": expected " + named.group(1)
                            + ".weight, found the"
                            + " adapter's name '" + named.group(2) + "' in it, as in the state_dict() of a PEFT model;"
                            + " save_pretrained or get_peft_model_state_dict leave it out");
        }
    }

    private static float[] values(Safetensors file, String name, int rows, int columns) {
        TensorSlice slice = file.tensors().get(name);
        if (slice == null) {
            throw missing(name);
        }
        if (!Arrays.equals(slice.shape(), new long[] {rows, columns})) {
            throw new AdapterException(
                    Reason.SHAPE_MISMATCH,
                    PeftAdapter.TENSORS_FILE + ": tensor " + name + ": r and the base model ask for shape [" + rows
                            + ", " + columns + "], found " + Arrays.toString(slice.shape()));
        }
        float[] values = slice.toFloats();
        checkFinite(name, values);
        return values;
    }

    private static AdapterException missing(String name) {
        return new AdapterException(
                Reason.MISSING_TENSOR,
                PeftAdapter.TENSORS_FILE + ": tensor " + name + " is missing; target_modules asks for it");
    }

    private static void checkLength(String name, float[] values, long expected) {
        if (values.length != expected) {
            throw new AdapterException(
                    Reason.SHAPE_MISMATCH,
                    "tensor " + name + ": expected " + expected + " values, found " + values.length);
        }
    }

    private static void checkFinite(String name, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new AdapterException(
                        Reason.NOT_FINITE,
                        "tensor " + name + ": value " + i + " is " + values[i] + "; expected finite numbers");
            }
        }
    }
}
