package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.Schedule.Ended;
import io.lorikeet.engine.program.GraphCounts;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes after a step: tokens go to their sequences and out to the listeners, what has ended gives its place back.
 * Counts what was done. Belongs to the engine's thread.
 */
final class OutputProcessor {
    private static final Logger LOG = LoggerFactory.getLogger(OutputProcessor.class);

    private final Scheduler scheduler;
    private final ModelRunner runner;
    private long promptTokens;
    private long generatedTokens;
    private long decodeSteps;
    private long finished;
    private long failed;

    /** An output not yet emitted: a sequence has taken a token; {@code last}: and has ended with it. */
    record Output(Sequence sequence, boolean last) {}

    OutputProcessor(Scheduler scheduler, ModelRunner runner) {
        this.scheduler = scheduler;
        this.runner = runner;
    }

    /** Tokens of a prompt are run. */
    void prefilled(int tokens) {
        promptTokens += tokens;
    }

    /** The tokens of a decode step have been read. */
    void decoded() {
        decodeSteps++;
    }

    /** A running sequence takes its next token. */
    Output take(Sequence sequence, SampledToken token) {
        generatedTokens++;
        boolean last = sequence.take(token);
        if (last) {
            free(sequence);
        }
        return new Output(sequence, last);
    }

    /** Emits what the token adds to the answer, and ends the answer if it is complete. */
    void emit(Output output) {
        Sequence sequence = output.sequence();
        if (!output.last() && !sequence.isRunning()) {
            return; // the next step has failed, and it knows
        }
        sequence.emit().ifPresent(reason -> {
            if (!output.last()) {
                free(sequence);
            }
            finished++;
            sequence.finish(reason);
        });
    }

    /** Ends those that still run with an error. */
    void fail(List<Sequence> sequences, EngineException error) {
        sequences.stream().filter(Sequence::isRunning).forEach(sequence -> fail(sequence, error));
    }

    /** Ends a running sequence with an error. */
    void fail(Sequence sequence, EngineException error) {
        free(sequence);
        failed++;
        sequence.fail(error);
    }

    /** Tells a sequence that the scheduler has let go. */
    void end(Ended ended) {
        Sequence sequence = ended.sequence();
        if (sequence.hasSlot()) {
            close(sequence);
        }
        if (ended.error().isPresent()) {
            failed++;
            sequence.fail(ended.error().get());
        } else {
            finished++;
            sequence.finish(FinishReason.CANCELLED);
        }
    }

    private void free(Sequence sequence) {
        scheduler.remove(sequence);
        close(sequence);
    }

    /** A slot that cannot be closed decodes for nothing until it is opened again; the answer does not suffer. */
    private void close(Sequence sequence) {
        try {
            runner.close(sequence);
        } catch (EngineException e) {
            LOG.error("cache slot {} could not be closed", sequence.slot(), e);
        }
    }

    EngineStats stats(GraphCounts graphs) {
        return new EngineStats(
                scheduler.running(),
                scheduler.waiting(),
                scheduler.cacheUsage(),
                promptTokens,
                generatedTokens,
                decodeSteps,
                finished,
                failed,
                scheduler.prefixes().queriedTokens(),
                scheduler.prefixes().hitTokens(),
                graphs,
                scheduler.adapters().evictions());
    }
}
