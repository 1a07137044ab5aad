package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.program.Qwen2Program;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Continuous batching: sequences join and leave the running batch between any two steps. One step admits a waiting sequence
 * (its prompt's prefill), then decodes one token for all that run. Row r of the batch is cache slot r. Belongs to the
 * program's thread.
 */
final class Scheduler {
    /** The cache is looked at in whole blocks of positions, so that few different shapes occur. */
    private static final int VISIBLE_BLOCK = 64;

    private final Qwen2Program program;
    private final AdapterTable adapters;
    private final Sequence[] slots;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final SplittableRandom seeds = new SplittableRandom();
    private int running;
    private long promptTokens;
    private long generatedTokens;
    private long decodeSteps;
    private long finished;
    private long failed;

    Scheduler(Qwen2Program program, AdapterTable adapters) {
        this.program = program;
        this.adapters = adapters;
        this.slots = new Sequence[program.options().maxNumSeqs()];
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    boolean isIdle() {
        return running == 0 && waiting.isEmpty();
    }

    /** Whether a waiting sequence could begin now. */
    private boolean canAdmit() {
        return !waiting.isEmpty() && running < slots.length;
    }

    /** Drops what was cancelled, admits one sequence, decodes one token for all. */
    void step() {
        dropCancelled();
        if (canAdmit()) {
            admit(waiting.poll());
        }
        if (running > 0) {
            decode();
        }
    }

    private void dropCancelled() {
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] != null && slots[slot].isCancelled()) {
                end(slot, FinishReason.CANCELLED);
            }
        }
        waiting.removeIf(sequence -> {
            if (sequence.isCancelled()) {
                leave(sequence);
                finished++;
                sequence.finish(FinishReason.CANCELLED);
            }
            return sequence.isCancelled();
        });
    }

    // prefill
    private void admit(Sequence sequence) {
        int slot = freeSlot();
        SamplingParams sampling = sequence.sampling();
        int adapterSlot = sequence.adapter().map(ResidentAdapter::slot).orElse(program.baseSlot());
        int topK = sampling.topK() == 0
                ? program.options().config().vocabSize()
                : Math.min(sampling.topK(), program.options().config().vocabSize());
        slots[slot] = sequence;
        running++;
        try {
            sequence.started();
            program.openSlot(
                    slot,
                    adapterSlot,
                    sampling.temperature(),
                    sampling.topP(),
                    topK,
                    sampling.seed().orElseGet(seeds::nextLong));
            int token = program.prefillLast(sequence.prompt(), slot, 0, adapterSlot, sampling.truncates());
            promptTokens += sequence.prompt().length;
            accept(slot, token);
        } catch (EngineException e) {
            fail(slot, e);
        }
    }

    private void decode() {
        int rows = 0;
        int longest = 0;
        boolean adapted = false;
        boolean sampling = false;
        boolean truncate = false;
        for (int slot = 0; slot < slots.length; slot++) {
            Sequence sequence = slots[slot];
            if (sequence != null) {
                rows = slot + 1;
                longest = Math.max(longest, sequence.nextLength());
                adapted |= sequence.adapter().isPresent();
                sampling |= sequence.sampling().samples();
                truncate |= sequence.sampling().truncates();
            }
        }
        int visible = Math.min(
                (longest + VISIBLE_BLOCK - 1) / VISIBLE_BLOCK * VISIBLE_BLOCK,
                program.options().maxModelLen());
        long[] next;
        try {
            next = program.decode(rows, visible, adapted, sampling, truncate);
        } catch (EngineException e) {
            for (int slot = 0; slot < rows; slot++) {
                fail(slot, e);
            }
            return;
        }
        decodeSteps++;
        for (int slot = 0; slot < rows; slot++) {
            if (slots[slot] != null) {
                accept(slot, (int) next[slot]);
            }
        }
    }

    private void accept(int slot, int token) {
        generatedTokens++;
        Optional<FinishReason> reason = slots[slot].accept(token);
        reason.ifPresent(r -> end(slot, r));
    }

    private void end(int slot, FinishReason reason) {
        Sequence sequence = vacate(slot);
        finished++;
        sequence.finish(reason);
    }

    private void fail(int slot, EngineException error) {
        if (slots[slot] != null) {
            Sequence sequence = vacate(slot);
            failed++;
            sequence.fail(error);
        }
    }

    private Sequence vacate(int slot) {
        Sequence sequence = slots[slot];
        slots[slot] = null;
        running--;
        leave(sequence);
        program.closeSlot(slot);
        return sequence;
    }

    private void leave(Sequence sequence) {
        sequence.adapter().ifPresent(adapters::release);
    }

    private int freeSlot() {
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] == null) {
                return slot;
            }
        }
        throw new IllegalStateException("no free slot");
    }

    /** Ends everything with an error; nothing may be added afterwards. */
    void failAll(EngineException error) {
        for (int slot = 0; slot < slots.length; slot++) {
            fail(slot, error);
        }
        for (Sequence sequence : waiting) {
            leave(sequence);
            failed++;
            sequence.fail(error);
        }
        waiting.clear();
    }

    EngineStats stats() {
        return new EngineStats(
                running,
                waiting.size(),
                (double) running / slots.length,
                promptTokens,
                generatedTokens,
                decodeSteps,
                finished,
                failed);
    }
}
