package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.sharing.StepSign;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Continues a list of prompts with the scheduler that serves, on the thread that calls: for a program that somebody else
 * owns, such as a training.
 */
public final class BatchGenerator {
    private static final String ADAPTER = "adapter";

    private final ServingProgram program;

    /** Makes the program's room for serving. */
    public BatchGenerator(DecoderProgram program) {
        this.program = program.serve();
    }

    /**
     * Greedy continuations, one a prompt, as many at once as the program has slots.
     *
     * @param turn runs each step, when it is its turn
     * @param afterStep hears of every decode step but the last; may throw to end it here, after which the program is only to
     *     be closed
     * @param stopTokens end an answer
     * @param decoders makes a decoder for each answer
     */
    public List<GenerationResult> generate(
            List<int[]> prompts,
            Optional<PeftAdapter> adapter,
            Set<Integer> stopTokens,
            int maxNewTokens,
            Supplier<TextDecoder> decoders,
            Consumer<Runnable> turn,
            Runnable afterStep) {
        var table =
                new AdapterTable(program.options().maxLoras(), program.options().loraRankRows(), 1, 0);
        var loads = new AdapterLoads(program, table, AdapterLoads.BYTES_PER_STEP, () -> {});
        adapter.ifPresent(a -> {
            var version = table.register(new AdapterVersion(ADAPTER, "current"), a, Optional.empty());
            loads.loadNow(version);
            table.flip(version);
        });
        int maxModelLen = program.options().maxModelLen();
        var slots = new CacheSlots(program.options().maxNumSeqs(), maxModelLen);
        var core = new EngineCore(
                new Scheduler(slots, table, new PrefixCache(0, 1), maxModelLen, Drafts.off()),
                new ProgramRunner(program),
                loads::want,
                program.isAsynchronous(),
                StepSign.none(),
                StepListener.NONE,
                System::nanoTime);
        List<Collector> answers = new ArrayList<>();
        for (int[] prompt : prompts) {
            var collector = new Collector();
            answers.add(collector);
            core.add(new Sequence(
                    PromptTokens.of(prompt),
                    SamplingParams.greedy(maxNewTokens),
                    Optional.empty(),
                    adapter.map(a -> table.acquire(ADAPTER, 1)),
                    stopTokens,
                    Math.min(maxNewTokens, maxModelLen - prompt.length),
                    TimeLimits.NONE,
                    decoders.get(),
                    collector));
        }
        while (!core.isIdle()) {
            turn.accept(core::step);
            if (!core.isIdle()) {
                afterStep.run();
            }
        }
        return answers.stream().map(Collector::result).toList();
    }

    /** Logits of every token of a row: float32 [tokens, vocabSize], row-major. */
    public float[] logits(int[] tokens, Optional<PeftAdapter> adapter) {
        Optional<AdapterPlace> place =
                adapter.map(a -> AdapterPlace.of(0, 0, a.rank(), a.config().adjusts()));
        place.ifPresent(there -> load(adapter.orElseThrow(), there));
        return program.logits(tokens, 0, place);
    }

    /** Brings an adapter to a place that is not in use. */
    public void load(PeftAdapter adapter, AdapterPlace place) {
        AdapterLoads.copy(program, adapter, place);
    }

    /** Keeps the result, or throws what went wrong. */
    private static final class Collector implements TokenListener {
        private Optional<GenerationResult> result = Optional.empty();
        private Optional<EngineException> error = Optional.empty();

        @Override
        public void started(Optional<AdapterVersion> adapter) {}

        @Override
        public void delta(String text, List<TokenLogprobs> logprobs) {}

        @Override
        public void finished(GenerationResult finished) {
            result = Optional.of(finished);
        }

        @Override
        public void failed(EngineException failure) {
            error = Optional.of(failure);
        }

        GenerationResult result() {
            error.ifPresent(e -> {
                throw e;
            });
            return result.orElseThrow(() -> new IllegalStateException("the answer never ended"));
        }
    }
}
