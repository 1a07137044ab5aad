package io.lorikeet.engine.program;

import ai.djl.pytorch.jni.LibUtils;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.KernelTensors.Layer;
import io.lorikeet.engine.program.KernelTensors.Linear;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first half of a decode step, up to the logits, as kernels of our own: seven a layer where the numeric program has some
 * twenty-five. They read and write the program's own tensors, on its stream, so that they are captured in the same graphs.
 *
 * <p>What they are compiled of and how many slices their products have, {@link KernelSource} says; the files have the rest.
 */
final class DecodeKernels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DecodeKernels.class);
    private static final int OLDEST_CAPABILITY = 8;
    private static final int MOST_SPLITS = 32;
    private static final int MOST_SLICES = 8;

    private final ModelConfig config;
    private final int maxModelLen;
    private final Gpu gpu;
    private final List<KernelSource> sources;
    private final List<KernelModule> modules;
    private final KernelTensors tensors;
    private final KernelScratch scratch;

    private DecodeKernels(
            ProgramOptions options,
            Gpu gpu,
            List<KernelSource> sources,
            List<KernelModule> modules,
            KernelTensors tensors,
            KernelScratch scratch) {
        this.config = options.config();
        this.maxModelLen = options.maxModelLen();
        this.gpu = gpu;
        this.sources = sources;
        this.modules = modules;
        this.tensors = tensors;
        this.scratch = scratch;
    }

    /** Those of a program that serves; none if model, device or compiler do not allow it, which the log says on a GPU. */
    static Optional<DecodeKernels> open(ProgramOptions options, TorchModule module) {
        if (module.stream().isEmpty()) {
            return Optional.empty();
        }
        CudaStream stream = module.stream().get();
        Gpu gpu = stream.driver().gpu(options.device());
        Optional<String> obstacle = KernelSource.obstacle(options)
                .or(() -> gpu.major() < OLDEST_CAPABILITY
                        ? Optional.of("the device has compute capability " + gpu.major() + "." + gpu.minor()
                                + ", they need 8.0")
                        : Optional.empty());
        Optional<Nvrtc> compiler =
                obstacle.isPresent() ? Optional.empty() : Nvrtc.find(Path.of(LibUtils.getLibtorchPath()));
        if (compiler.isEmpty()) {
            LOG.info(
                    "decode steps run without kernels of our own: {}",
                    obstacle.orElse(
                            "NVIDIA's compiler, libnvrtc, which comes with PyTorch for CUDA, cannot be loaded"));
            return Optional.empty();
        }
        try {
            return Optional.of(open(options, module, stream, gpu, compiler.get()));
        } catch (EngineException e) {
            LOG.warn("decode steps run without kernels of our own, and slower: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static DecodeKernels open(
            ProgramOptions options, TorchModule module, CudaStream stream, Gpu gpu, Nvrtc compiler) {
        long begun = System.nanoTime();
        int most = Math.min(KernelSource.MOST_ROWS, DecodeStep.rounded(options.maxNumSeqs(), options.maxNumSeqs()));
        List<KernelSource> sources = IntStream.rangeClosed(1, Math.ceilDiv(most, KernelSource.SIXTEEN))
                .mapToObj(sixteens -> new KernelSource(options, gpu, sixteens))
                .toList();
        var cache = KernelCache.ofUser(System.getenv());
        String version = compiler.version();
        List<byte[]> code = sources.parallelStream()
                .map(source -> {
                    String text = source.text();
                    return cache.get(
                            List.of(text, gpu.architecture(), version),
                            () -> compiler.compile(text, gpu.architecture()));
                })
                .toList();
        List<KernelModule> modules = code.stream()
                .map(c -> new KernelModule(stream, c, gpu.launchesEarly()))
                .toList();
        var kernels = new DecodeKernels(
                options,
                gpu,
                sources,
                modules,
                KernelTensors.of(module, options.layout()),
                new KernelScratch(stream, options, most, gpu.multiprocessors(), MOST_SLICES, MOST_SPLITS));
        LOG.info(
                "decode steps of up to {} rows run as kernels of our own, for {}, ready in {} ms",
                most,
                gpu.architecture(),
                Duration.ofNanos(System.nanoTime() - begun).toMillis());
        return kernels;
    }

    /** Whether they serve such a step. */
    boolean serves(DecodeStep step) {
        return step.rows() <= KernelSource.SIXTEEN * sources.size()
                && !step.adapters().adjusted()
                && (step.adapters().rows().isEmpty() || sources.getFirst().servesAdapters());
    }

    /** What {@code decode_logits} does. */
    void logits(DecodeStep step) {
        int sixteens = Math.ceilDiv(step.rows(), KernelSource.SIXTEEN);
        var run = new Run(step, sources.get(sixteens - 1), modules.get(sixteens - 1));
        run.norm(tensors.layers().getFirst().inputNorm(), 0);
        for (int l = 0; l < tensors.layers().size(); l++) {
            Layer layer = tensors.layers().get(l);
            run.product("qkv", LinearStack.QKV_PROJ, l, scratch.normed(), scratch.parts());
            run.attention(layer, config.windows().get(l));
            run.product("output", LinearStack.O_PROJ, l, scratch.normed(), scratch.parts());
            run.norm(layer.postAttentionNorm(), run.source.slices(LinearStack.O_PROJ));
            run.product("gate_up", LinearStack.GATE_UP_PROJ, l, scratch.normed(), scratch.activated());
            run.product("down", LinearStack.DOWN_PROJ, l, scratch.activated(), scratch.parts());
            boolean last = l + 1 == tensors.layers().size();
            run.norm(
                    last ? tensors.norm() : tensors.layers().get(l + 1).inputNorm(),
                    run.source.slices(LinearStack.DOWN_PROJ));
        }
        run.head();
    }

    /** The launches of one step. */
    private final class Run {
        private final int n;
        private final boolean adapted;
        private final KernelSource source;
        private final KernelModule module;

        Run(DecodeStep step, KernelSource source, KernelModule module) {
            n = step.rows();
            adapted = !step.adapters().rows().isEmpty();
            this.source = source;
            this.module = module;
        }

        /** @param slices of the product before; 0: it is the first, of the tokens' embeddings */
        void norm(long weight, int slices) {
            boolean first = slices == 0;
            module.launch(
                    "residual_norm",
                    new int[] {n, 1, 1},
                    scratch.parts(),
                    scratch.residual(),
                    weight,
                    scratch.normed(),
                    first ? tensors.embedTokens() : 0,
                    tensors.tokens(),
                    scratch.counters(),
                    n,
                    slices,
                    first ? scratch.counterCount() : 0,
                    Double.doubleToRawLongBits(config.rmsNormEps()));
        }

        void product(String name, LinearStack stack, int layer, long in, long out) {
            Linear linear = tensors.layers().get(layer).stacks().get(stack);
            int slices = source.slices(stack);
            launch(
                    name,
                    gpu.multiprocessors() / slices * slices,
                    linear.weight(),
                    in,
                    linear.b(),
                    tensors.mask(stack),
                    scratch.counters(layer, stack),
                    out,
                    adapted);
        }

        void head() {
            launch("head", gpu.multiprocessors(), tensors.lmHead(), scratch.normed(), 0, 0, 0, tensors.logits(), false);
        }

        private void launch(
                String name,
                int blocks,
                long weight,
                long in,
                long b,
                long mask,
                long counters,
                long out,
                boolean withAdapters) {
            module.launch(
                    String.format(Locale.ROOT, "%s_%d", name, source.sequences()),
                    new int[] {blocks, 1, 1},
                    weight,
                    in,
                    b,
                    mask,
                    scratch.lora(),
                    scratch.loraParts(),
                    counters,
                    out,
                    n,
                    withAdapters ? 1 : 0);
        }

        void attention(Layer layer, int window) {
            int heads = config.numKeyValueHeads();
            int splits = Math.clamp(gpu.multiprocessors() / ((long) heads * n), 1, MOST_SPLITS);
            module.launch(
                    "attention",
                    new int[] {heads, n, splits},
                    scratch.parts(),
                    layer.qkvBias(),
                    layer.qNorm(),
                    layer.kNorm(),
                    tensors.cos(),
                    tensors.sin(),
                    tensors.positions(),
                    layer.keys(),
                    layer.values(),
                    scratch.normed(),
                    scratch.shares(),
                    scratch.sums(),
                    scratch.arrived(),
                    n,
                    maxModelLen,
                    window < config.maxPositionEmbeddings() ? window : 0,
                    Double.doubleToRawLongBits(config.rmsNormEps()));
        }
    }

    @Override
    public void close() {
        modules.forEach(KernelModule::close);
        scratch.close();
    }
}
