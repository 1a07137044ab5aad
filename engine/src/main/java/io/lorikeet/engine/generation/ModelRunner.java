package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.program.GraphCounts;
import java.util.List;

/**
 * Does with the model what the scheduler has decided. Belongs to one thread; every method may throw an
 * {@link EngineException}.
 */
interface ModelRunner {
    /** Begins a cache slot: with the sequence's adapter and sampling parameters, and nothing cached. */
    void open(Sequence sequence);

    /** Begins an open slot with the prefix kept at a place, as if its {@code length} tokens had been run. */
    void restorePrefix(int place, Sequence sequence, int length);

    /** Keeps the first {@code length} positions of a sequence's slot as a prefix. */
    void savePrefix(int place, Sequence sequence, int length);

    /** Runs a chunk that does not end its prompt. */
    void prefill(PromptWork.Chunk chunk);

    /** Runs the last chunk of a prompt; the sequence takes part in the decode steps from here on. */
    SampledToken prefillLast(PromptWork.Chunk chunk);

    /** Begins another answer to a prompt that its source has run; the sequence takes part in the decode steps. */
    SampledToken fork(PromptWork.Fork fork);

    /** Chooses the next token of each sequence; on a GPU it returns when the step is on its way. */
    void decode(DecodeBatch batch);

    /** The tokens that the last decode step chose, in the batch's order, with those of drafts that hold; waits for it. */
    List<List<SampledToken>> read(DecodeBatch batch);

    /** Takes a sequence's slot out of the decode steps. */
    void close(Sequence sequence);

    /** How decode steps have run. */
    GraphCounts graphCounts();
}
