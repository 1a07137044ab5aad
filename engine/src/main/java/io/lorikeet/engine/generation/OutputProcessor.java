package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.Schedule.Ended;
import io.lorikeet.engine.program.GraphCounts;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
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

    /** An output not yet emitted: a sequence has taken tokens; {@code last}: and has ended with them. */
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

    /** A running sequence takes its next tokens, those after the answer's last for nothing. */
    Output take(Sequence sequence, List<SampledToken> tokens) {
        boolean last = false;
        for (Iterator<SampledToken> next = tokens.iterator(); next.hasNext() && !last; ) {
            last = sequence.take(next.next());
        }
        if (last) {
            free(sequence);
        }
        return new Output(sequence, last);
    }

    /** Emits what the tokens taken add to the answer, and ends the answer if it is complete. */
    void emit(Output output) {
        Sequence sequence = output.sequence();
        if (!output.last() && !sequence.isRunning()) {
            return; // the next step has failed, and it knows
        }
        int before = sequence.emitted();
        Optional<FinishReason> ended = sequence.emit();
        generatedTokens += sequence.emitted() - before;
        ended.ifPresent(reason -> {
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
                scheduler.adapters().evictions(),
                scheduler.drafts().drafted(),
                scheduler.drafts().accepted());
    }
}
