package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.DType;
import io.lorikeet.engine.checkpoint.Qwen2Checkpoint;
import io.lorikeet.engine.checkpoint.Qwen2Config;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.ProgramOptions;
import io.lorikeet.engine.program.ProgramOptions.TrainedLora;
import io.lorikeet.engine.program.Qwen2Program;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests over one base model and many adapters. One thread owns the model: it runs the scheduler's steps and,
 * between them, what others asked of it. Callers never wait for a step to hand in a request.
 */
public final class InferenceEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceEngine.class);

    private final EngineThread thread = new EngineThread("inference-engine");
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final InferenceOptions options;
    private final Qwen2Config config;
    private final String fingerprint;
    private final Qwen2Tokenizer tokenizer;
    private final Set<Integer> stopTokens;
    private final AdapterTable adapters;
    private final Qwen2Program program;
    private final Scheduler scheduler;
    private volatile EngineStats stats;
    private volatile boolean closed;

    private InferenceEngine(InferenceOptions options, Qwen2Checkpoint checkpoint) {
        this.options = options;
        config = checkpoint.config();
        fingerprint = checkpoint.fingerprint();
        tokenizer = Qwen2Tokenizer.open(options.model());
        stopTokens = StopTokens.of(options.model(), config, tokenizer);
        adapters = new AdapterTable(options.maxLoras() + 1);
        program = thread.call(() -> {
            var loaded = Qwen2Program.load(programOptions(options, config), checkpoint);
            loaded.allocateServing();
            return loaded;
        });
        scheduler = new Scheduler(program, adapters);
        stats = scheduler.stats();
    }

    /** Loads the model; returns when it can answer. */
    public static InferenceEngine start(InferenceOptions options) {
        try (Qwen2Checkpoint checkpoint = Qwen2Checkpoint.open(options.model())) {
            var engine = new InferenceEngine(options, checkpoint);
            engine.thread.start(engine::run);
            return engine;
        }
    }

    private static ProgramOptions programOptions(InferenceOptions options, Qwen2Config config) {
        int maxModelLen = options.maxModelLen() == 0 ? config.maxPositionEmbeddings() : options.maxModelLen();
        return new ProgramOptions(
                config,
                options.device(),
                options.dtype(),
                DType.F32,
                options.maxNumSeqs(),
                maxModelLen,
                options.maxLoras() + 1,
                options.maxLoraRank(),
                TrainedLora.NONE);
    }

    /**
     * Hands in a request. The adapter's version is fixed here: whatever is activated later, this request keeps it.
     *
     * @throws RequestException if it cannot be served
     */
    public GenerationHandle submit(GenerationRequest request, TokenListener listener) {
        if (stats.waiting() + inbox.size() >= options.maxWaiting()) {
            throw new RequestException(
                    RequestException.Kind.QUEUE_FULL,
                    options.maxWaiting() + " requests wait already, which is the limit; try again later");
        }
        Optional<ResidentAdapter> adapter = request.adapter().map(adapters::acquire);
        try {
            Sequence sequence = sequence(request, adapter, listener);
            enqueue(() -> scheduler.add(sequence));
            return () -> {
                sequence.cancel();
                wake();
            };
        } catch (RuntimeException e) {
            adapter.ifPresent(adapters::release);
            throw e;
        }
    }

    private Sequence sequence(GenerationRequest request, Optional<ResidentAdapter> adapter, TokenListener listener) {
        int[] prompt = tokenizer.chatTemplate().encodePrompt(withSystem(request.messages(), adapter));
        int room = program.options().maxModelLen() - prompt.length;
        if (room < 1) {
            throw new RequestException(
                    RequestException.Kind.TOO_LONG,
                    "messages: the prompt has " + prompt.length + " tokens, and with the answer at most "
                            + program.options().maxModelLen() + " fit");
        }
        return new Sequence(
                prompt,
                request.sampling(),
                adapter,
                stopTokens,
                Math.min(room, request.sampling().maxNewTokens()),
                TextDecoder.of(tokenizer),
                listener);
    }

    /** A request that brings no system prompt gets the one that its adapter was trained with. */
    private static List<ChatMessage> withSystem(List<ChatMessage> messages, Optional<ResidentAdapter> adapter) {
        Optional<String> system = adapter.flatMap(ResidentAdapter::system);
        if (system.isEmpty() || messages.getFirst().role() == Role.SYSTEM) {
            return messages;
        }
        List<ChatMessage> all = new ArrayList<>(messages);
        all.addFirst(ChatMessage.system(system.get()));
        return all;
    }

    /**
     * Brings an adapter to the device beside what is served and then, between two decode steps, points its name at it.
     * Requests that run keep the version they have. One layer crosses between two steps, so nobody waits for a load.
     *
     * @param system the system prompt it was trained with; none: the model's own default; empty: no system block
     * @return completes when new requests get this version; fails with {@link AdapterException}
     */
    public CompletableFuture<Void> activate(String name, String version, PeftAdapter adapter, Optional<String> system) {
        var done = new CompletableFuture<Void>();
        try {
            if (adapter.config().r() > options.maxLoraRank()) {
                throw new AdapterException(
                        AdapterException.Reason.RANK_TOO_LARGE,
                        "r: expected at most max_lora_rank " + options.maxLoraRank() + ", found "
                                + adapter.config().r());
            }
            ResidentAdapter loading = adapters.reserve(new AdapterVersion(name, version), adapter, system);
            enqueue(() -> loadLayer(loading, adapter, 0, done));
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    private void loadLayer(ResidentAdapter loading, PeftAdapter adapter, int layer, CompletableFuture<Void> done) {
        try {
            program.loadAdapterLayer(
                    loading.slot(), layer, AdapterStacks.layer(adapter, layer, config, options.maxLoraRank()));
            if (layer + 1 < config.numHiddenLayers()) {
                inbox.add(() -> loadLayer(loading, adapter, layer + 1, done));
            } else {
                adapters.flip(loading);
                done.complete(null);
            }
        } catch (RuntimeException e) {
            adapters.abandon(loading);
            done.completeExceptionally(e);
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

    public Qwen2Config config() {
        return config;
    }

    /** The base model's fingerprint. */
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
                scheduler.step();
            } catch (InterruptedException e) {
                break;
            } catch (RuntimeException | Error e) {
                LOG.error("the engine's step failed; the running requests are given up", e);
                scheduler.failAll(new EngineException("the engine failed: " + e.getMessage(), e));
            }
            stats = scheduler.stats();
        }
        takeLeftovers();
        scheduler.failAll(new RequestException(RequestException.Kind.CLOSED, "the engine was shut down"));
        program.close();
    }

    /** Runs what others asked for: all requests that are there, and of an adapter's load one layer. */
    private void takeRequests() throws InterruptedException {
        int tasks = inbox.size();
        if (tasks == 0 && scheduler.isIdle()) {
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
