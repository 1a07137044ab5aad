package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.program.KeptLogprobs;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.program.StepFlags;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/**
 * Continuous batching: sequences join and leave the running batch between any two steps. One step runs at most one chunk's
 * worth of prompt tokens, so that nobody's next token waits longer, then decodes one token for all that run. Row r of the
 * batch is cache slot r. Belongs to the program's thread.
 *
 * <p>Where a prompt's chunks end depends on the prompt alone, never on what else runs, so that its keys and values are the
 * same to the last bit alone and under load, and with a prefix from the cache.
 */
final class Scheduler {
    /** The cache is looked at in whole blocks of positions, so that few different shapes occur. */
    private static final int VISIBLE_BLOCK = 64;

    private final ServingProgram program;
    private final AdapterTable adapters;
    private final AdapterLoads loads;
    private final PrefixCache prefixes;
    private final int chunk;
    private final boolean ahead;
    private final StepListener listener;
    private final Sequence[] slots;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    /** Sequences whose prompts are being run, in turns. */
    private final Deque<Integer> prefilling = new ArrayDeque<>();

    /** The decode step that the device has been given, if its tokens have not been read yet. */
    private Optional<Batch> underway = Optional.empty();

    private final SplittableRandom seeds = new SplittableRandom();
    private final SchedulerCounts counts = new SchedulerCounts();

    /** Who gets a token in a decode step: the sequence of each of the first slots, null for one that decodes nothing. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Batch(Sequence[] rows, StepFlags flags, long begun) {}

    /**
     * @param chunk tokens of prompts in one step at most
     * @param ahead whether a step is given to the device before anybody is told of the tokens of the one before: right if
     *     the device works while this thread goes on
     */
    Scheduler(
            ServingProgram program,
            AdapterTable adapters,
            AdapterLoads loads,
            PrefixCache prefixes,
            int chunk,
            boolean ahead,
            StepListener listener) {
        this.program = program;
        this.adapters = adapters;
        this.loads = loads;
        this.prefixes = prefixes;
        this.chunk = chunk;
        this.ahead = ahead;
        this.listener = listener;
        this.slots = new Sequence[program.options().maxNumSeqs()];
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    boolean isIdle() {
        return running() == 0 && waiting.isEmpty();
    }

    private int running() {
        return (int) Arrays.stream(slots).filter(Objects::nonNull).count();
    }

    /** Drops what has to end, admits what can begin, runs a chunk of prompts, decodes one token for all. */
    void step() {
        dropWhatHasToEnd();
        admit();
        prefill();
        decode();
    }

    private void dropWhatHasToEnd() {
        long now = System.nanoTime();
        for (int slot = 0; slot < slots.length; slot++) {
            Sequence sequence = slots[slot];
            if (sequence != null && sequence.isCancelled()) {
                end(slot, FinishReason.CANCELLED);
            } else if (sequence != null && sequence.limits().totalIsOver(now)) {
                fail(slot, tooLate(sequence.limits()));
            }
        }
        waiting.removeIf(sequence -> {
            TimeLimits limits = sequence.limits();
            boolean over = true;
            if (sequence.isCancelled()) {
                leave(sequence);
                counts.finished++;
                sequence.finish(FinishReason.CANCELLED);
            } else if (limits.totalIsOver(now)) {
                refuse(sequence, tooLate(limits));
            } else if (limits.queueIsOver(now)) {
                refuse(
                        sequence,
                        new RequestException(
                                RequestException.Kind.QUEUE_TIMEOUT,
                                "no place got free within " + limits.queue().toMillis() + " ms; try again later"));
            } else {
                over = false;
            }
            return over;
        });
    }

    private static RequestException tooLate(TimeLimits limits) {
        return new RequestException(
                RequestException.Kind.DEADLINE,
                "the answer was not complete within " + limits.total().toMillis() + " ms, and was given up");
    }

    private void refuse(Sequence sequence, EngineException error) {
        leave(sequence);
        counts.failed++;
        sequence.fail(error);
    }

    /** In the order of arrival; one whose adapter has to come from host memory first lets others pass. */
    private void admit() {
        for (Iterator<Sequence> queue = waiting.iterator();
                queue.hasNext() && freeSlot().isPresent(); ) {
            Sequence sequence = queue.next();
            try {
                if (sequence.adapter().isEmpty()
                        || adapters.begin(sequence.adapter().get())) {
                    queue.remove();
                    open(sequence, freeSlot().getAsInt());
                } else {
                    loads.want(sequence.adapter().get());
                }
            } catch (EngineException e) {
                queue.remove();
                refuse(sequence, e);
            }
        }
    }

    private void open(Sequence sequence, int slot) {
        slots[slot] = sequence;
        prefilling.add(slot);
        sequence.started();
        try {
            SamplingParams sampling = sequence.sampling();
            program.openSlot(
                    slot,
                    adapterSlot(sequence),
                    sampling.slotSampling(
                            program.options().config().vocabSize(),
                            sampling.seed().orElseGet(seeds::nextLong)));
            int shared = prefixes.length(sequence.prompt());
            if (shared > 0) {
                prefixes.find(owner(sequence), sequence.prompt(), shared).ifPresent(prefix -> {
                    program.restorePrefix(prefix, slot, shared);
                    sequence.prefilledTo(shared);
                });
            }
        } catch (EngineException e) {
            fail(slot, e);
        }
    }

    /**
     * Each prompt one chunk in its turn, as long as together they are no more than one. What another answer to the same
     * prompt has run is not run again.
     */
    private void prefill() {
        int budget = chunk;
        for (int turns = prefilling.size(); turns > 0; turns--) {
            Sequence sequence = slots[prefilling.peek()];
            OptionalInt ahead = slotAhead(sequence);
            boolean waits = ahead.isPresent() && !slots[ahead.getAsInt()].isDecoding();
            int length = waits ? 0 : ahead.isPresent() ? 1 : nextChunk(sequence);
            if (length > budget) {
                return;
            }
            budget -= length;
            int slot = prefilling.remove();
            try {
                if (waits) {
                    prefilling.add(slot);
                } else if (ahead.isPresent()) {
                    fork(sequence, ahead.getAsInt(), slot);
                } else {
                    prefill(sequence, slot, length);
                }
            } catch (EngineException e) {
                fail(slot, e);
            }
        }
    }

    /** Where an answer to the very same prompt is, with the same adapter version, that has run more of it. */
    @SuppressWarnings("ReferenceEquality") // of one request; to compare the tokens of all would cost each step its time
    private OptionalInt slotAhead(Sequence sequence) {
        for (int slot = 0; slot < slots.length; slot++) {
            Sequence other = slots[slot];
            if (other != null
                    && other.prompt() == sequence.prompt()
                    && owner(other) == owner(sequence)
                    && other.prefilled() > sequence.prefilled()) {
                return OptionalInt.of(slot);
            }
        }
        return OptionalInt.empty();
    }

    private int nextChunk(Sequence sequence) {
        int shared = prefixes.length(sequence.prompt());
        int end = sequence.prefilled() < shared ? shared : sequence.prompt().length();
        return Math.min(chunk, end - sequence.prefilled());
    }

    private void prefill(Sequence sequence, int slot, int length) {
        int start = sequence.prefilled();
        int[] tokens = Arrays.copyOfRange(sequence.prompt().ids(), start, start + length);
        counts.promptTokens += length;
        sequence.prefilledTo(start + length);
        if (!sequence.isDecoding()) {
            program.prefill(tokens, slot, start, adapterSlot(sequence));
            prefilling.add(slot);
            if (sequence.prefilled() == prefixes.length(sequence.prompt())) {
                prefixes.add(owner(sequence), sequence.prompt(), sequence.prefilled())
                        .ifPresent(prefix -> program.savePrefix(prefix, slot, sequence.prefilled()));
            }
            return;
        }
        begin(sequence, slot, flags -> program.prefillLast(tokens, slot, start, adapterSlot(sequence), flags));
    }

    private void fork(Sequence sequence, int source, int slot) {
        int length = sequence.prompt().length();
        sequence.prefilledTo(length);
        begin(sequence, slot, flags -> program.forkPrompt(source, slot, length, flags));
    }

    /** The first token, which the end of the prompt gives. */
    private void begin(Sequence sequence, int slot, ToIntFunction<StepFlags> first) {
        StepFlags flags = sequence.sampling().flags();
        if (flags.penalize()) {
            program.beginPenalties(slot, sequence.prompt().ids());
        }
        int token = first.applyAsInt(flags);
        Optional<KeptLogprobs> kept = flags.logprobs() ? Optional.of(program.logprobs(slot, 1)) : Optional.empty();
        tell(take(slot, token, kept, 0));
    }

    /**
     * One token for all that decode. With {@code ahead} the next step is on its way before they hear of this one's: who ends
     * by what it says, or leaves, has a row in that step for nothing.
     */
    private void decode() {
        Optional<Batch> batch = underway.or(this::launch);
        underway = Optional.empty();
        if (batch.isEmpty()) {
            return;
        }
        List<Said> said = read(batch.get());
        if (ahead) {
            underway = launch();
        }
        listener.decoded(said.size(), System.nanoTime() - batch.get().begun);
        said.forEach(this::tell);
    }

    /** Gives the device a step for all that decode now, if there are any. */
    private Optional<Batch> launch() {
        long begun = System.nanoTime();
        Sequence[] rows = new Sequence[slots.length];
        int count = 0;
        int longest = 0;
        StepFlags flags = StepFlags.NONE;
        for (int slot = 0; slot < slots.length; slot++) {
            Sequence sequence = slots[slot];
            if (sequence != null && sequence.isDecoding()) {
                rows[slot] = sequence;
                count = slot + 1;
                longest = Math.max(longest, sequence.nextLength());
                flags = flags.or(sequence.sampling().flags());
            }
        }
        if (count == 0) {
            return Optional.empty();
        }
        var batch = new Batch(Arrays.copyOf(rows, count), flags, begun);
        int visible = Math.min(
                (longest + VISIBLE_BLOCK - 1) / VISIBLE_BLOCK * VISIBLE_BLOCK,
                program.options().maxModelLen());
        try {
            program.decode(count, visible, flags);
        } catch (EngineException e) {
            fail(batch, e);
            return Optional.empty();
        }
        return Optional.of(batch);
    }

    /** The tokens of a step, for those who are still there. */
    private List<Said> read(Batch batch) {
        int rows = batch.rows.length;
        List<Said> said = new ArrayList<>();
        try {
            long[] next = program.readTokens(rows);
            Optional<KeptLogprobs> kept =
                    batch.flags.logprobs() ? Optional.of(program.logprobs(0, rows)) : Optional.empty();
            counts.decodeSteps++;
            for (int slot = 0; slot < rows; slot++) {
                if (batch.rows[slot] != null && batch.rows[slot] == slots[slot]) {
                    said.add(take(slot, (int) next[slot], kept, slot));
                }
            }
        } catch (EngineException e) {
            fail(batch, e);
        }
        return said;
    }

    private void fail(Batch batch, EngineException error) {
        for (int slot = 0; slot < batch.rows.length; slot++) {
            if (batch.rows[slot] != null && batch.rows[slot] == slots[slot]) {
                fail(slot, error);
            }
        }
    }

    /** A sequence that has a token of which its listener has not heard; {@code last}: it has left its slot already. */
    private record Said(int slot, Sequence sequence, boolean last) {}

    private Said take(int slot, int token, Optional<KeptLogprobs> kept, int row) {
        counts.generatedTokens++;
        Sequence sequence = slots[slot];
        OptionalInt wanted = sequence.sampling().logprobs();
        Optional<TokenLogprobs> logprobs =
                wanted.isEmpty() ? Optional.empty() : kept.map(k -> TokenLogprobs.of(token, k, row, wanted.getAsInt()));
        boolean last = sequence.take(token, logprobs);
        if (last) {
            vacate(slot);
        }
        return new Said(slot, sequence, last);
    }

    private void tell(Said said) {
        Sequence sequence = said.sequence;
        if (!said.last && slots[said.slot] != sequence) {
            return; // the next step has failed, and it knows
        }
        sequence.tell().ifPresent(reason -> {
            if (!said.last) {
                vacate(said.slot);
            }
            counts.finished++;
            sequence.finish(reason);
        });
    }

    private int adapterSlot(Sequence sequence) {
        return sequence.adapter().map(ServedVersion::slot).orElse(program.baseSlot());
    }

    private static long owner(Sequence sequence) {
        return sequence.adapter().map(ServedVersion::id).orElse(PrefixCache.BASE);
    }

    private void end(int slot, FinishReason reason) {
        Sequence sequence = vacate(slot);
        counts.finished++;
        sequence.finish(reason);
    }

    private void fail(int slot, EngineException error) {
        if (slots[slot] != null) {
            Sequence sequence = vacate(slot);
            counts.failed++;
            sequence.fail(error);
        }
    }

    private Sequence vacate(int slot) {
        Sequence sequence = slots[slot];
        slots[slot] = null;
        prefilling.remove(slot);
        sequence.adapter().ifPresent(adapters::end);
        leave(sequence);
        program.closeSlot(slot);
        return sequence;
    }

    private void leave(Sequence sequence) {
        sequence.adapter().ifPresent(adapters::release);
    }

    private OptionalInt freeSlot() {
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] == null) {
                return OptionalInt.of(slot);
            }
        }
        return OptionalInt.empty();
    }

    /** Ends everything with an error. */
    void failAll(EngineException error) {
        underway = Optional.empty();
        for (int slot = 0; slot < slots.length; slot++) {
            fail(slot, error);
        }
        for (Sequence sequence : waiting) {
            refuse(sequence, error);
        }
        waiting.clear();
    }

    EngineStats stats() {
        long cached = Arrays.stream(slots)
                .filter(Objects::nonNull)
                .mapToLong(Sequence::cached)
                .sum();
        return new EngineStats(
                running(),
                waiting.size(),
                (double) cached / ((long) slots.length * program.options().maxModelLen()),
                counts.promptTokens,
                counts.generatedTokens,
                counts.decodeSteps,
                counts.finished,
                counts.failed,
                prefixes.queriedTokens(),
                prefixes.hitTokens(),
                program.graphCounts(),
                adapters.evictions());
    }

    /** What the engine has done since its start. */
    private static final class SchedulerCounts {
        long promptTokens;
        long generatedTokens;
        long decodeSteps;
        long finished;
        long failed;
    }
}
