package io.lorikeet.engine.program;

import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.program.TorchModule.Tensors;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Addresses of the program's tensors that kernels read and write, in the order of {@code kernel_tensors}; they stay as long as the
 * program. 0: a part that the architecture does not have.
 *
 * @param cos of the rotations, {@code sin} likewise
 * @param masks of stacks of 1, 2, … linear modules
 */
record KernelTensors(
        long tokens,
        long positions,
        long cos,
        long sin,
        long embedTokens,
        long norm,
        long lmHead,
        long logits,
        List<Long> masks,
        List<Layer> layers) {
    KernelTensors {
        masks = List.copyOf(masks);
        layers = List.copyOf(layers);
    }

    /** Of one layer. */
    record Layer(
            long inputNorm,
            long postAttentionNorm,
            long keys,
            long values,
            long qkvBias,
            long qNorm,
            long kNorm,
            Map<LinearStack, Linear> stacks) {
        Layer {
            stacks = Map.copyOf(stacks);
        }
    }

    /**
     * Of a stack of linear modules.
     *
     * @param weight with the adapters' A's below
     * @param b the adapters' B's
     */
    record Linear(long weight, long b) {}

    static KernelTensors of(TorchModule module, DecoderLayout layout) {
        try (Tensors t = module.tensors()) {
            List<Long> addresses = module.infer("kernel_tensors", found -> Stream.of(t.tensors(found))
                    .map(NativeTensors::address)
                    .toList());
            Iterator<Long> next = addresses.iterator();
            int most = Stream.of(LinearStack.values())
                    .mapToInt(stack -> stack.modules().size())
                    .max()
                    .orElseThrow();
            return new KernelTensors(
                    next.next(),
                    next.next(),
                    next.next(),
                    next.next(),
                    next.next(),
                    next.next(),
                    next.next(),
                    next.next(),
                    Stream.generate(next::next).limit(most).toList(),
                    Stream.generate(() -> layer(next))
                            .limit(layout.config().numHiddenLayers())
                            .toList());
        }
    }

    private static Layer layer(Iterator<Long> next) {
        List<Long> parts = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            parts.add(next.next());
        }
        Map<LinearStack, Linear> stacks = new EnumMap<>(LinearStack.class);
        for (LinearStack stack : LinearStack.values()) {
            stacks.put(stack, new Linear(next.next(), next.next()));
        }
        return new Layer(
                parts.get(0),
                parts.get(1),
                parts.get(2),
                parts.get(3),
                parts.get(4),
                parts.get(5),
                parts.get(6),
                stacks);
    }

    /** Who has which rank row, for a stack. */
    long mask(LinearStack stack) {
        return masks.get(stack.modules().size() - 1);
    }
}
