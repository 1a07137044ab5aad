package io.lorikeet.engine.adapter;

import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** adapter_model.safetensors: every tensor matched to a module of the base model, with its shape, all values finite. */
final class PeftTensors {
    private static final Pattern NAMED_ADAPTER = Pattern.compile("(.*\\.lora_[AB])\\.([^.]+)\\.weight");

    private PeftTensors() {}

    static SortedMap<LoraTarget, LoraWeights> read(byte[] safetensors, LoraConfig config, ModelConfig base) {
        try (Safetensors file = Safetensors.of(PeftAdapter.TENSORS_FILE, safetensors)) {
            SortedMap<LoraTarget, SortedMap<String, long[]>> expected = shapes(config, base);
            refuseUnknown(file.tensors().keySet(), expected, config);
            SortedMap<LoraTarget, LoraWeights> weights = new TreeMap<>();
            expected.forEach(
                    (target, shapes) -> weights.put(target, of(target, name -> Optional.ofNullable(shapes.get(name))
                            .map(shape -> values(file, name, shape)))));
            return weights;
        } catch (CheckpointException e) {
            throw new AdapterException(Reason.MALFORMED_TENSORS, e.getMessage(), e);
        }
    }

    private static LoraWeights of(LoraTarget target, Function<String, Optional<float[]>> values) {
        return new LoraWeights(
                values.apply(target.loraA()).orElseThrow(),
                values.apply(target.loraB()).orElseThrow(),
                values.apply(target.magnitude()),
                values.apply(target.loraBias()),
                values.apply(target.bias()));
    }

    static void check(LoraConfig config, Map<LoraTarget, LoraWeights> weights, ModelConfig base) {
        SortedMap<LoraTarget, SortedMap<String, long[]>> expected = shapes(config, base);
        for (LoraTarget target : weights.keySet()) {
            if (!expected.containsKey(target)) {
                throw new AdapterException(
                        Reason.UNKNOWN_TENSOR, "weights for " + target + ", which the adapter does not target");
            }
        }
        expected.forEach((target, shapes) -> {
            Map<String, float[]> found = new TreeMap<>();
            if (weights.containsKey(target)) {
                found.putAll(byName(target, weights.get(target)));
            }
            shapes.forEach((name, shape) -> {
                float[] values = found.get(name);
                if (values == null) {
                    throw missing(name);
                }
                checkLength(name, values, Arrays.stream(shape).reduce(1, (x, y) -> x * y));
                checkFinite(name, values);
            });
        });
    }

    static SafetensorsWriter writer(LoraConfig config, Map<LoraTarget, LoraWeights> weights) {
        SafetensorsWriter writer = new SafetensorsWriter();
        weights.forEach((target, module) -> byName(target, module).forEach((name, values) -> {
            long r = config.r(target);
            long[] shape = {values.length};
            if (name.equals(target.loraA())) {
                shape = new long[] {r, values.length / r};
            } else if (name.equals(target.loraB())) {
                shape = new long[] {values.length / r, r};
            }
            writer.add(name, shape, values);
        }));
        return writer;
    }

    private static Map<String, float[]> byName(LoraTarget target, LoraWeights weights) {
        Map<String, float[]> named = new LinkedHashMap<>();
        named.put(target.loraA(), weights.a());
        named.put(target.loraB(), weights.b());
        weights.magnitude().ifPresent(values -> named.put(target.magnitude(), values));
        weights.loraBias().ifPresent(values -> named.put(target.loraBias(), values));
        weights.bias().ifPresent(values -> named.put(target.bias(), values));
        return named;
    }

    /** Name and shape of every tensor that an adapter of this kind has. */
    private static SortedMap<LoraTarget, SortedMap<String, long[]>> shapes(LoraConfig config, ModelConfig base) {
        Set<String> ofBase = DecoderLayout.of(base).shapes().keySet();
        SortedMap<LoraTarget, SortedMap<String, long[]>> all = new TreeMap<>();
        for (LoraTarget target : config.targets(base.numHiddenLayers())) {
            int r = config.r(target);
            int out = target.module().outFeatures(base);
            SortedMap<String, long[]> shapes = new TreeMap<>();
            shapes.put(target.loraA(), new long[] {r, target.module().inFeatures(base)});
            shapes.put(target.loraB(), new long[] {out, r});
            if (config.useDora()) {
                shapes.put(target.magnitude(), new long[] {out});
            }
            if (config.loraBias()) {
                shapes.put(target.loraBias(), new long[] {out});
            }
            if (config.biasLoraOnly() && ofBase.contains(target + ".bias")) {
                shapes.put(target.bias(), new long[] {out});
            }
            all.put(target, shapes);
        }
        return all;
    }

    private static void refuseUnknown(
            Set<String> names, SortedMap<LoraTarget, SortedMap<String, long[]>> expected, LoraConfig config) {
        SortedSet<String> unknown = new TreeSet<>(names);
        expected.values().forEach(shapes -> unknown.removeAll(shapes.keySet()));
        if (!unknown.isEmpty()) {
            refuseAdapterNames(unknown.first());
            throw new AdapterException(
                    Reason.UNKNOWN_TENSOR,
                    PeftAdapter.TENSORS_FILE + ": tensor " + unknown.first()
                            + " belongs to no module that the adapter targets ("
                            + config.targetModules().stream()
                                    .map(LinearModule::moduleName)
                                    .toList() + " in "
                            + (expected.lastKey().layer() + 1) + " layers)"
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

    private static float[] values(Safetensors file, String name, long[] shape) {
        TensorSlice slice = file.tensors().get(name);
        if (slice == null) {
            throw missing(name);
        }
        if (!Arrays.equals(slice.shape(), shape)) {
            throw new AdapterException(
                    Reason.SHAPE_MISMATCH,
                    PeftAdapter.TENSORS_FILE + ": tensor " + name + ": r and the base model ask for shape "
                            + Arrays.toString(shape) + ", found " + Arrays.toString(slice.shape()));
        }
        float[] values = slice.toFloats();
        checkFinite(name, values);
        return values;
    }

    private static AdapterException missing(String name) {
        return new AdapterException(
                Reason.MISSING_TENSOR,
                PeftAdapter.TENSORS_FILE + ": tensor " + name + " is missing; adapter_config.json asks for it");
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
