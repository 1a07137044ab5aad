package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.sharing.StepSign;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** The engine's loop over a real model on an engine's thread, and real adapters, driven step by step. */
final class EngineRig implements AutoCloseable {
    static final int MAX_MODEL_LEN = 128;
    static final int MAX_RANK = 8;

    final EngineThread thread = new EngineThread("test");
    final AdapterTable table;
    final ModelConfig config;
    private final DecoderProgram decoder;
    final ServingProgram program;
    final AdapterLoads loads;
    private EngineCore core;

    /** Without a prefix cache, prompts whole. */
    EngineRig(int slots, int adapterSlots) {
        table = new AdapterTable(adapterSlots, adapterSlots * MAX_RANK, 64, 0);
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-tiny"))) {
            config = checkpoint.config();
            var options = new ProgramOptions(
                    config,
                    Device.CPU,
                    DType.F32,
                    DType.F32,
                    slots,
                    MAX_MODEL_LEN,
                    adapterSlots,
                    MAX_RANK,
                    TrainedLora.NONE);
            decoder = thread.call(() -> DecoderProgram.load(options, checkpoint));
            program = thread.call(decoder::serve);
        }
        loads = new AdapterLoads(program, table, 1, () -> {});
        schedule(new PrefixCache(0, 1), MAX_MODEL_LEN);
    }

    EngineCore core() {
        return core;
    }

    /** Begins anew with another cache. */
    EngineRig schedule(PrefixCache prefixes, int chunk) {
        return schedule(prefixes, chunk, false);
    }

    /** The same with one that may give the device its next step before it emits the last one's outputs, as on a GPU. */
    EngineRig schedule(PrefixCache prefixes, int chunk, boolean ahead) {
        return schedule(prefixes, chunk, ahead, Drafts.off(), System::nanoTime);
    }

    /** The same with one that checks drafts, for which a pass takes as long whatever its rows. */
    EngineRig schedule(PrefixCache prefixes, int chunk, Drafts drafts) {
        var ticks = new AtomicLong();
        return schedule(prefixes, chunk, false, drafts, () -> ticks.addAndGet(1_000_000));
    }

    private EngineRig schedule(PrefixCache prefixes, int chunk, boolean ahead, Drafts drafts, LongSupplier clock) {
        core = new EngineCore(
                new Scheduler(
                        new CacheSlots(program.options().maxNumSeqs(), MAX_MODEL_LEN), table, prefixes, chunk, drafts),
                new ProgramRunner(program),
                loads::want,
                ahead,
                StepSign.none(),
                StepListener.NONE,
                clock);
        return this;
    }

    /** Puts an adapter in service. */
    ServedVersion serve(String name, String version, PeftAdapter adapter) {
        return serve(name, version, adapter, List.of());
    }

    /** The same with what its answers may be like. */
    ServedVersion serve(String name, String version, PeftAdapter adapter, List<int[]> examples) {
        return thread.call(() -> {
            ServedVersion served =
                    table.register(new AdapterVersion(name, version), adapter, Optional.empty(), examples);
            loads.loadNow(served);
            table.flip(served);
            return served;
        });
    }

    /** The adapter of the reference. */
    PeftAdapter trained() {
        return PeftAdapter.read(Golden.folder("qwen2-tiny").resolve("adapter-trained"), config);
    }

    /** An adapter of random weights, strong enough to change what is said. */
    PeftAdapter random(int r, Set<LinearModule> modules, long seed) {
        var random = new Random(seed);
        var weights = new TreeMap<LoraTarget, LoraWeights>();
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            for (LinearModule module : modules) {
                weights.put(
                        new LoraTarget(layer, module),
                        new LoraWeights(
                                gaussian(random, r * module.inFeatures(config)),
                                gaussian(random, module.outFeatures(config) * r)));
            }
        }
        return PeftAdapter.of(new LoraConfig(r, 2 * r, 0, modules, false), weights, config);
    }

    private static float[] gaussian(Random random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextGaussian() * 0.2);
        }
        return values;
    }

    /** A prompt and how to answer it. */
    record Call(PromptTokens prompt, Optional<String> adapter, SamplingParams sampling) {
        static Call base(int[] prompt, SamplingParams sampling) {
            return new Call(PromptTokens.of(prompt), Optional.empty(), sampling);
        }

        static Call adapted(int[] prompt, String adapter, SamplingParams sampling) {
            return new Call(PromptTokens.of(prompt), Optional.of(adapter), sampling);
        }
    }

    static int[] prompt(int length, long seed) {
        return new Random(seed).ints(length, 0, 500).toArray();
    }

    /** Runs all calls together and returns each one's tokens. */
    List<List<Integer>> run(List<Call> calls) {
        return hear(calls, () -> calls.size()).stream()
                .map(listener -> listener.result().tokens())
                .toList();
    }

    /** Runs the calls, handing in so many more before each step, and returns what each one's listener heard. */
    List<Listener> hear(List<Call> calls, IntSupplier arriving) {
        List<Listener> listeners = new ArrayList<>();
        thread.run(() -> {
            while (listeners.size() < calls.size() || !core.isIdle()) {
                for (int n = arriving.getAsInt(); n > 0 && listeners.size() < calls.size(); n--) {
                    var listener = new Listener();
                    core.add(sequence(calls.get(listeners.size()), listener));
                    listeners.add(listener);
                }
                step();
            }
        });
        return listeners;
    }

    /** What the engine does in one turn; on its thread. */
    void step() {
        loads.step();
        core.step();
    }

    Sequence sequence(Call call, TokenListener listener) {
        return sequence(call, TimeLimits.NONE, listener);
    }

    Sequence sequence(Call call, TimeLimits limits, TokenListener listener) {
        return new Sequence(
                call.prompt,
                call.sampling,
                Optional.empty(),
                call.adapter.map(name -> table.acquire(name, 1)),
                Set.of(),
                call.sampling.maxNewTokens(),
                limits,
                TextDecoder.none(),
                listener);
    }

    @Override
    public void close() {
        thread.run(decoder::close);
        thread.close();
    }

    /** Keeps what it hears. */
    static class Listener implements TokenListener {
        Optional<GenerationResult> result = Optional.empty();
        Optional<EngineException> error = Optional.empty();
        Optional<AdapterVersion> adapter = Optional.empty();
        boolean started;
        final List<TokenLogprobs> logprobs = new ArrayList<>();

        GenerationResult result() {
            error.ifPresent(e -> {
                throw e;
            });
            return result.orElseThrow();
        }

        @Override
        public void started(Optional<AdapterVersion> version) {
            started = true;
            adapter = version;
        }

        @Override
        public void delta(String text, List<TokenLogprobs> tokens) {
            logprobs.addAll(tokens);
        }

        @Override
        public void finished(GenerationResult finished) {
            result = Optional.of(finished);
        }

        @Override
        public void failed(EngineException failure) {
            error = Optional.of(failure);
        }
    }
}
