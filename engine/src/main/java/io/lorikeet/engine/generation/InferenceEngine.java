package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ModelCheckpoint;
import io.lorikeet.engine.grammar.Constraints;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Speculation;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.OutOfMemoryException;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.QuantizationError;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.program.WeightFormat;
import io.lorikeet.engine.sharing.StepSign;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests over one base model and many adapters. One thread owns the model: it runs the scheduler's steps and,
 * between them, what others asked of it. Callers never wait for a step to hand in a request.
 */
public final class InferenceEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceEngine.class);

    /** What models are asked, in two languages: its products stand for those to come when weights are quantised. */
    private static final String CALIBRATION = """
            Who are you, and who made you? I am a language model. 请把下面这句话翻译成英文：今天天气很好，我们去公园散步吧。
            Write a function that returns the largest of a list of numbers, e.g. [3, -1, 41.5], and say what it costs.
            """;

    private final EngineThread thread = new EngineThread("inference-engine");
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    /** Answers asked for that the scheduler does not know of yet. */
    private final AtomicInteger arriving = new AtomicInteger();

    private final InferenceOptions options;
    private final ModelConfig config;
    private final String fingerprint;
    private final Qwen2Tokenizer tokenizer;
    private final SequenceFactory factory;
    private final AdapterTable adapters;
    private final DecoderProgram program;
    private final AdapterLoads loads;
    private final EngineCore core;
    private final StepSign sign;
    private volatile EngineStats stats;
    private volatile boolean closed;

    private InferenceEngine(InferenceOptions options, ModelCheckpoint checkpoint, StepListener listener) {
        this.options = options;
        config = checkpoint.config();
        fingerprint = checkpoint.fingerprint(options.quantization());
        tokenizer = Qwen2Tokenizer.open(options.model(), config.vocabSize());
        adapters = new AdapterTable(
                options.loras().slots(),
                options.loras().rankRows(),
                options.loras().maxCpuLoras(),
                options.loras().maxAddressed());
        var batching = options.batching();
        var programOptions = programOptions(options, checkpoint);
        var stopTokens = StopTokens.of(options.model(), config, tokenizer);
        factory = new SequenceFactory(
                tokenizer,
                stopTokens,
                new Constraints(tokenizer, stopTokens, config.vocabSize()),
                programOptions.maxModelLen(),
                batching.maxQueueTime());
        int maxPrefixLen = Math.min(batching.maxPrefixLen(), programOptions.maxModelLen());
        Optional<DeviceMemory> before = DeviceMemory.of(options.device());
        ServingProgram serving;
        try {
            program = thread.call(() -> DecoderProgram.load(
                    programOptions, checkpoint, tokenizer.encodeText(CALIBRATION), options.sharing()));
            tellOfQuantization();
            serving = thread.call(() -> {
                var allocated = program.serve();
                if (batching.prefixes() > 0) {
                    allocated.allocatePrefixes(batching.prefixes(), maxPrefixLen);
                }
                allocated.warmUp(batching.graphWarmUpLen());
                return allocated;
            });
        } catch (OutOfMemoryException e) {
            throw new OutOfMemoryException(ServingMemory.of(config, options).advice(before), e);
        }
        loads = new AdapterLoads(serving, adapters, AdapterLoads.BYTES_PER_STEP, this::wake);
        var scheduler = new Scheduler(
                new CacheSlots(programOptions.maxNumSeqs(), programOptions.maxModelLen()),
                adapters,
                new PrefixCache(batching.prefixes(), maxPrefixLen),
                batching.prefillChunk(),
                drafts(options, serving.isAsynchronous()));
        sign = thread.call(() -> program.stepSign(options.sharing()));
        core = new EngineCore(
                scheduler,
                new ProgramRunner(serving),
                loads::want,
                serving.isAsynchronous(),
                sign,
                listener,
                System::nanoTime);
        stats = core.stats();
    }

    /** Loads the model; returns when it can answer. */
    public static InferenceEngine start(InferenceOptions options) {
        return start(options, StepListener.NONE);
    }

    /** The same, with somebody who hears of each step. */
    public static InferenceEngine start(InferenceOptions options, StepListener listener) {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(options.model())) {
            var engine = new InferenceEngine(options, checkpoint, listener);
            engine.thread.start(engine::run);
            return engine;
        }
    }

    private static ProgramOptions programOptions(InferenceOptions options, ModelCheckpoint checkpoint) {
        ModelConfig config = checkpoint.config();
        int limit = options.batching().maxModelLen();
        return new ProgramOptions(
                config,
                options.device(),
                options.dtype(),
                DType.F32,
                options.batching().maxNumSeqs(),
                limit == 0 ? config.maxPositionEmbeddings() : limit,
                options.loras().slots(),
                options.loras().maxLoraRank(),
                options.loras().rankRows(),
                TrainedLora.NONE,
                WeightFormat.serving(checkpoint, options.quantization(), options.device()),
                options.kernels());
    }

    private static Drafts drafts(InferenceOptions options, boolean gpu) {
        if (gpu && options.speculation() != Speculation.OFF) {
            LOG.info(
                    "speculation {}: a GPU's decode steps check no drafts",
                    options.speculation().id());
        }
        return new Drafts(gpu ? Speculation.OFF : options.speculation());
    }

    private void tellOfQuantization() {
        var errors = program.quantizationErrors();
        if (errors.isEmpty()) {
            return;
        }
        var summary = errors.stream().mapToDouble(QuantizationError::error).summaryStatistics();
        LOG.info(
                "weights in {} change products by {} of their size on average, {} at most",
                options.quantization().id(),
                percent(summary.getAverage()),
                percent(summary.getMax()));
        for (QuantizationError error : errors) {
            if (!error.quantized()) {
                LOG.warn(
                        "{} would be off by {} in {} and stays as it is",
                        error.weight(),
                        percent(error.error()),
                        options.quantization().id());
            }
        }
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
    }

    /** Hands in a request for one answer; see {@link #submit(GenerationRequest, List)}. */
    public GenerationHandle submit(GenerationRequest request, TokenListener listener) {
        return submit(request, List.of(listener));
    }

    /**
     * Hands in a request; all of its answers are taken, or none. The adapter's version is fixed here: whatever is activated
     * later, all of them keep it.
     *
     * @param listeners one for each answer
     * @throws RequestException if it cannot be served
     */
    public GenerationHandle submit(GenerationRequest request, List<? extends TokenListener> listeners) {
        if (listeners.size() != request.answers()) {
            throw new IllegalArgumentException(
                    "listeners: expected one for each of " + request.answers() + " answers, found " + listeners.size());
        }
        int answers = listeners.size();
        if (stats.waiting() + arriving.addAndGet(answers) > options.batching().maxWaiting()) {
            arriving.addAndGet(-answers);
            throw new RequestException(
                    RequestException.Kind.QUEUE_FULL,
                    "as many requests wait as may, " + options.batching().maxWaiting() + "; try again later");
        }
        Optional<ServedVersion> adapter = Optional.empty();
        try {
            adapter = request.adapter().map(name -> acquire(name, request.version(), answers));
            List<Sequence> answered = factory.sequences(request, adapter, listeners);
            enqueue(() -> arrive(answered));
            return () -> {
                answered.forEach(Sequence::cancel);
                wake();
            };
        } catch (RuntimeException e) {
            arriving.addAndGet(-answers);
            adapter.ifPresent(version -> listeners.forEach(_ -> adapters.release(version)));
            throw e;
        }
    }

    /** Hands in a request for one answer, of which only the whole is wanted; it fails as {@link TokenListener#failed} would say. */
    public CompletableFuture<GenerationResult> answer(GenerationRequest request) {
        var answer = new WholeAnswer(new CompletableFuture<>());
        submit(request, answer);
        return answer.result();
    }

    private record WholeAnswer(CompletableFuture<GenerationResult> result) implements TokenListener {
        @Override
        public void started(Optional<AdapterVersion> adapter) {}

        @Override
        public void delta(String text, List<TokenLogprobs> logprobs) {}

        @Override
        public void finished(GenerationResult whole) {
            result.complete(whole);
        }

        @Override
        public void failed(EngineException error) {
            result.completeExceptionally(error);
        }
    }

    private ServedVersion acquire(String adapter, Optional<String> version, int answers) {
        return version.map(named -> adapters.acquire(new AdapterVersion(adapter, named), answers))
                .orElseGet(() -> adapters.acquire(adapter, answers));
    }

    private void arrive(List<Sequence> sequences) {
        sequences.forEach(core::add);
        // in this order, so that a request on its way counts twice for a moment rather than not at all
        stats = core.stats();
        arriving.addAndGet(-sequences.size());
    }

    /**
     * Brings an adapter to the device beside what is served and then, between two decode steps, points its name at it.
     * Requests that run keep the version they have. A few megabytes cross between two steps, so nobody waits for a load. If all
     * slots are in use, it waits until one is not.
     *
     * @param system the system prompt it was trained with; none: the model's own default; empty: no system block
     * @return completes when new requests get this version; fails with {@link AdapterException}
     */
    public CompletableFuture<Void> activate(String name, String version, PeftAdapter adapter, Optional<String> system) {
        return activate(name, version, adapter, system, List.of());
    }

    /**
     * The same of an adapter of which it is known how it answers.
     *
     * @param answers conversations with its answers, for drafts, if the options say so
     */
    public CompletableFuture<Void> activate(
            String name, String version, PeftAdapter adapter, Optional<String> system, List<Conversation> answers) {
        var done = new CompletableFuture<Void>();
        try {
            requireRank(adapter);
            var registered =
                    adapters.register(new AdapterVersion(name, version), adapter, system, examples(answers, system));
            var loaded = new CompletableFuture<Void>();
            var unused =
                    loaded.thenRun(() -> adapters.flip(registered)).whenComplete((_, error) -> complete(done, error));
            enqueue(() -> loads.load(registered, loaded));
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    private List<int[]> examples(List<Conversation> answers, Optional<String> system) {
        return options.speculation() == Speculation.ACCEPTANCE ? factory.examples(answers, system) : List.of();
    }

    private void requireRank(PeftAdapter adapter) {
        if (adapter.rank() > options.loras().maxLoraRank()) {
            throw new AdapterException(
                    AdapterException.Reason.RANK_TOO_LARGE,
                    "r: expected at most max_lora_rank " + options.loras().maxLoraRank() + ", found " + adapter.rank());
        }
    }

    /**
     * Takes a version in that requests may name, beside the one that the name points at. It waits in host memory for the first
     * of them; the least recently used one that nobody uses makes room for it.
     *
     * @param system the system prompt it was trained with; none: the model's own default; empty: no system block
     * @param answers conversations with its answers, for drafts, if the options say so
     * @throws AdapterException if it does not fit, or all that there is room for are in use
     */
    public void address(
            String name, String version, PeftAdapter adapter, Optional<String> system, List<Conversation> answers) {
        requireRank(adapter);
        adapters.address(new AdapterVersion(name, version), adapter, system, examples(answers, system));
    }

    /**
     * Has one version of a name stay where {@link #address} has put it, or is to put it, whatever other versions come; beside
     * those that there is room for.
     *
     * @param version none: it makes room like any other from now on
     */
    public void keep(String name, Optional<String> version) {
        adapters.keep(name, version.map(one -> new AdapterVersion(name, one)));
    }

    /** Whether requests that name the version get it: it is served, or was taken in and has not made room for others since. */
    public boolean holds(String name, String version) {
        return adapters.holds(new AdapterVersion(name, version));
    }

    private static void complete(CompletableFuture<Void> done, Throwable error) {
        if (error == null) {
            done.complete(null);
        } else {
            done.completeExceptionally(error instanceof CompletionException wrapped ? wrapped.getCause() : error);
        }
    }

    /** Stops serving a name; requests that run with it finish. Completes at once, also if the name is unknown. */
    public CompletableFuture<Void> retire(String name) {
        adapters.retire(name);
        return CompletableFuture.completedFuture(null);
    }

    /** The adapter versions that live in the engine. */
    public List<AdapterStatus> adapters() {
        return adapters.statuses();
    }

    public EngineStats stats() {
        return stats;
    }

    public ModelConfig config() {
        return config;
    }

    /** The base model's fingerprint, quantised as it is. */
    public String fingerprint() {
        return fingerprint;
    }

    public Qwen2Tokenizer tokenizer() {
        return tokenizer;
    }

    public InferenceOptions options() {
        return options;
    }

    /** What is accepted here is run or failed, also when the engine closes at this moment. */
    private synchronized void enqueue(Runnable task) {
        if (closed) {
            throw new RequestException(RequestException.Kind.CLOSED, "the engine is shutting down");
        }
        inbox.add(task);
    }

    private void wake() {
        inbox.add(() -> {});
    }

    private void run() {
        while (!closed) {
            try {
                takeRequests();
                loads.step();
                core.step();
            } catch (InterruptedException e) {
                break;
            } catch (RuntimeException | Error e) {
                LOG.error("the engine's step failed; the running requests are given up", e);
                core.failAll(new EngineException("the engine failed: " + e.getMessage(), e));
            }
            stats = core.stats();
        }
        takeLeftovers();
        var closing = new RequestException(RequestException.Kind.CLOSED, "the engine was shut down");
        core.failAll(closing);
        loads.failAll(closing);
        sign.close();
        program.close();
    }

    /** Runs what others asked for. */
    private void takeRequests() throws InterruptedException {
        int tasks = inbox.size();
        if (tasks == 0 && core.isIdle() && loads.isIdle()) {
            inbox.take().run();
        }
        for (; tasks > 0; tasks--) {
            Runnable task = inbox.poll();
            if (task != null) {
                task.run();
            }
        }
    }

    private void takeLeftovers() {
        for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
            task.run();
        }
    }

    /** Fails what still runs and frees the device. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        wake();
        thread.close();
        tokenizer.close();
    }
}
