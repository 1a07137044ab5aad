package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.OutputProcessor.Output;
import io.lorikeet.engine.generation.Schedule.Admitted;
import io.lorikeet.engine.sharing.StepSign;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The engine's inner loop: schedule, run, postprocess. It decides nothing; {@link Scheduler} says what a step has to do, and
 * {@link ModelRunner} does it. Belongs to the engine's thread.
 */
final class EngineCore {
    private final Scheduler scheduler;
    private final ModelRunner runner;
    private final Consumer<ServedVersion> loads;
    private final boolean ahead;
    private final StepSign sign;
    private final StepListener listener;
    private final LongSupplier clock;
    private final OutputProcessor outputs;

    /** The decode step that the device has been given, if its tokens have not been read yet. */
    private Optional<DecodeBatch> underway = Optional.empty();

    /**
     * @param loads hears of adapter versions that have to come to the device, once or often
     * @param ahead whether a step is given to the device before the outputs of the one before are emitted: right if the
     *     device works while this thread goes on
     * @param sign tells trainers when the device has work
     * @param clock nanoseconds
     */
    EngineCore(
            Scheduler scheduler,
            ModelRunner runner,
            Consumer<ServedVersion> loads,
            boolean ahead,
            StepSign sign,
            StepListener listener,
            LongSupplier clock) {
        this.scheduler = scheduler;
        this.runner = runner;
        this.loads = loads;
        this.ahead = ahead;
        this.sign = sign;
        this.listener = listener;
        this.clock = clock;
        this.outputs = new OutputProcessor(scheduler, runner);
    }

    void add(Sequence sequence) {
        scheduler.add(sequence);
    }

    boolean isIdle() {
        return scheduler.isIdle();
    }

    /** One step: at most one chunk's worth of prompt tokens, then a token for all that decode. */
    void step() {
        Schedule schedule = scheduler.schedule(clock.getAsLong());
        schedule.ended().forEach(outputs::end);
        schedule.wanted().forEach(loads);
        if (!schedule.admitted().isEmpty() || !schedule.prompts().isEmpty()) {
            sign.begin();
        }
        schedule.admitted().forEach(this::open);
        schedule.prompts().forEach(this::prefill);
        decode();
    }

    private void open(Admitted admitted) {
        Sequence sequence = admitted.sequence();
        sequence.started();
        try {
            runner.open(sequence);
            admitted.prefix().ifPresent(place -> runner.restorePrefix(place, sequence, admitted.cached()));
        } catch (EngineException e) {
            outputs.fail(sequence, e);
        }
    }

    private void prefill(PromptWork work) {
        if (!work.sequence().isRunning()) {
            return; // it could not be opened
        }
        try {
            switch (work) {
                case PromptWork.Chunk chunk
                when chunk.isLast() -> {
                    outputs.prefilled(chunk.length());
                    outputs.emit(outputs.take(chunk.sequence(), List.of(runner.prefillLast(chunk))));
                }
                case PromptWork.Chunk chunk -> {
                    outputs.prefilled(chunk.length());
                    runner.prefill(chunk);
                    scheduler.prefilled(chunk).ifPresent(place -> savePrefix(place, chunk));
                }
                case PromptWork.Fork fork
                when scheduler.canFork(fork) -> outputs.emit(outputs.take(fork.sequence(), List.of(runner.fork(fork))));
                case PromptWork.Fork _ -> {}
            }
        } catch (EngineException e) {
            outputs.fail(work.sequence(), e);
        }
    }

    private void savePrefix(int place, PromptWork.Chunk chunk) {
        try {
            runner.savePrefix(place, chunk.sequence(), chunk.end());
        } catch (EngineException e) {
            scheduler.notKept(chunk);
            throw e;
        }
    }

    /**
     * One token for all that decode. With {@code ahead} the next step is on its way before this one's outputs are emitted: a
     * sequence that ends by what it says, or is cancelled, takes part in that step for nothing. If a trainer has its turn first, they
     * are emitted meanwhile.
     */
    private void decode() {
        Optional<DecodeBatch> batch = underway.or(this::launch);
        underway = Optional.empty();
        if (batch.isEmpty()) {
            sign.end();
            return;
        }
        List<Output> taken = read(batch.get());
        sign.end();
        if (ahead && !sign.isAsked()) {
            underway = launch();
            if (underway.isEmpty()) {
                sign.end();
            }
        }
        listener.decoded(taken.size(), clock.getAsLong() - batch.get().launched());
        taken.forEach(outputs::emit);
    }

    private Optional<DecodeBatch> launch() {
        Optional<DecodeBatch> batch = scheduler.decodeBatch(clock.getAsLong());
        try {
            batch.ifPresent(given -> {
                sign.begin();
                runner.decode(given);
            });
            return batch;
        } catch (EngineException e) {
            outputs.fail(batch.orElseThrow().sequences(), e);
            return Optional.empty();
        }
    }

    /** Takes the tokens of a step, for those that still run. */
    private List<Output> read(DecodeBatch batch) {
        List<Output> taken = new ArrayList<>();
        try {
            List<List<SampledToken>> tokens = runner.read(batch);
            outputs.decoded();
            scheduler
                    .drafts()
                    .checked(
                            batch,
                            tokens.stream().map(of -> of.size() - 1).toList(),
                            clock.getAsLong() - batch.launched());
            for (int i = 0; i < tokens.size(); i++) {
                Sequence sequence = batch.sequences().get(i);
                if (sequence.isRunning()) {
                    take(sequence, tokens.get(i)).ifPresent(taken::add);
                }
            }
        } catch (EngineException e) {
            outputs.fail(batch.sequences(), e);
        }
        return taken;
    }

    /** Empty if the sequence cannot go on with it, which ends it and nobody else. */
    private Optional<Output> take(Sequence sequence, List<SampledToken> tokens) {
        try {
            return Optional.of(outputs.take(sequence, tokens));
        } catch (EngineException e) {
            outputs.fail(sequence, e);
            return Optional.empty();
        }
    }

    /** Ends everything with an error. */
    void failAll(EngineException error) {
        underway = Optional.empty();
        sign.end();
        scheduler.removeAll(error).forEach(outputs::end);
    }

    EngineStats stats() {
        return outputs.stats(runner.graphCounts());
    }
}
