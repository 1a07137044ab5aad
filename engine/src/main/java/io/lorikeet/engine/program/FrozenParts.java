package io.lorikeet.engine.program;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.program.NativeTensors.Form;
import io.lorikeet.engine.program.TorchModule.Tensors;
import io.lorikeet.engine.sharing.Chunks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A program's frozen weights in memory that other processes have too: a piece for each layer and one for the ends, in which lies
 * whatever tensors the weights' kinds are made of. A layer moves there as soon as it is loaded, so that none lies twice.
 */
final class FrozenParts {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int STACKS = LinearStack.values().length;
    /** Where matrix units and vector instructions like a tensor to begin. */
    private static final long ALIGNMENT = 256;

    private final TorchModule module;
    private final Device device;
    private final int layers;
    /** The output matrix, and the embedding unless it stays in its file. */
    private final int ends;

    private final Chunks chunks;
    private final List<Part> parts = new ArrayList<>();

    FrozenParts(TorchModule module, ProgramOptions options, Chunks chunks) {
        this.module = module;
        this.device = options.device();
        this.layers = options.config().numHiddenLayers();
        this.chunks = chunks;
        ends = MappedEnds.areOf(options) ? 1 : 2;
    }

    /** What is written down of all of them. */
    record Contents(List<Part> parts, List<QuantizationError> errors) {}

    /** @param bytes of its piece */
    record Part(long bytes, List<Weight> weights) {}

    /** @param kind by which the program makes it of its tensors */
    record Weight(String kind, List<Blob> tensors) {}

    record Blob(long offset, long bytes, Form form) {}

    /** Moves a part that is loaded: a layer, or the ends, whose number is that of the layers. */
    void fill(int number) {
        try (Tensors t = module.tensors()) {
            Map<Long, Blob> placed = new HashMap<>();
            List<Weight> weights = new ArrayList<>();
            long size = 0;
            for (int at = 0; at < count(number); at++) {
                List<Blob> blobs = new ArrayList<>();
                List<Source> sources = sources(t, number, at);
                for (Source source : sources) {
                    // a tied output matrix is the embedding
                    Blob blob = placed.get(source.address);
                    if (blob == null) {
                        blob = new Blob(size, source.bytes, source.form);
                        placed.put(source.address, blob);
                        size += (source.bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                    }
                    blobs.add(blob);
                }
                weights.add(new Weight(kind(number, at), blobs));
            }
            long begin = chunks.piece(name(number), size);
            placed.forEach((address, blob) -> chunks.copy(address, begin + blob.offset, blob.bytes));
            parts.add(new Part(size, weights));
            place(number, begin);
        }
    }

    /** Everything is there. */
    void publish(List<QuantizationError> errors) {
        try {
            chunks.publish(JSON.writeValueAsBytes(new Contents(parts, errors)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records can be written", e);
        }
    }

    /** Takes over what another process has filled. */
    List<QuantizationError> map(byte[] record) {
        try {
            Contents read = JSON.readValue(record, Contents.class);
            for (Part part : read.parts) {
                parts.add(part);
                place(parts.size() - 1, chunks.piece(name(parts.size() - 1), part.bytes));
            }
            return read.errors;
        } catch (IOException e) {
            throw new EngineException("the record of shared weights cannot be read: " + e.getMessage(), e);
        }
    }

    private void place(int number, long begin) {
        module.infer("release_part", IValue.from(number));
        List<Weight> weights = parts.get(number).weights;
        for (int at = 0; at < weights.size(); at++) {
            Weight weight = weights.get(at);
            try (Tensors t = module.tensors()) {
                PtNDArray[] tensors = weight.tensors.stream()
                        .map(blob -> t.over(begin + blob.offset, blob.form, device))
                        .toArray(PtNDArray[]::new);
                module.infer(
                        "place_frozen",
                        IValue.from(number),
                        IValue.from(at),
                        IValue.from(weight.kind),
                        IValue.listFrom(tensors));
            }
        }
    }

    private int count(int number) {
        return number < layers ? STACKS : ends;
    }

    private static String name(int number) {
        return "part-" + number;
    }

    private String kind(int number, int at) {
        return module.infer("frozen_kind", IValue::toStringValue, IValue.from(number), IValue.from(at));
    }

    /** A tensor where it lies now. */
    private record Source(long address, long bytes, Form form) {}

    private List<Source> sources(Tensors t, int number, int at) {
        PtNDArray[] tensors = module.infer("frozen_tensors", t::tensors, IValue.from(number), IValue.from(at));
        PtNDArray[] forms = module.infer("frozen_forms", t::tensors, IValue.from(number), IValue.from(at));
        return IntStream.range(0, tensors.length)
                .mapToObj(i -> source(tensors[i], forms[2 * i].toLongArray(), forms[2 * i + 1].toByteArray()))
                .toList();
    }

    /** @param numbers its type, its bytes, its address unless it is an ordinary one, its shape */
    private static Source source(PtNDArray tensor, long[] numbers, byte[] opaque) {
        long[] shape = Arrays.copyOfRange(numbers, 3, numbers.length);
        long address = numbers[2] == 0 ? NativeTensors.address(tensor) : numbers[2];
        return new Source(address, numbers[1], new Form((int) numbers[0], shape, opaque));
    }
}
