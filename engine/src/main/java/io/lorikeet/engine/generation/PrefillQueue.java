package io.lorikeet.engine.generation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The sequences whose prompts are being run, in turns: a step runs one chunk of each, as long as together they are no more
 * tokens than one chunk. Where the chunks of a prompt end depends on the prompt alone, never on what else runs, so that its
 * keys and values are the same to the last bit alone and under load, and with a prefix from the cache (docs/adr/0007).
 */
final class PrefillQueue {
    private final CacheSlots slots;
    private final PrefixCache prefixes;
    private final int chunk;
    private final Deque<Sequence> queue = new ArrayDeque<>();

    /** @param chunk tokens of prompts in one step at most */
    PrefillQueue(CacheSlots slots, PrefixCache prefixes, int chunk) {
        this.slots = slots;
        this.prefixes = prefixes;
        this.chunk = chunk;
    }

    void add(Sequence sequence) {
        queue.add(sequence);
    }

    void remove(Sequence sequence) {
        queue.remove(sequence);
    }

    /** What this step runs, in this order. */
    List<PromptWork> schedule() {
        List<PromptWork> scheduled = new ArrayList<>();
        int budget = chunk;
        for (int turns = queue.size(); turns > 0; turns--) {
            Sequence sequence = queue.peek();
            Optional<PromptWork> work = next(sequence);
            int cost = work.map(PromptWork::cost).orElse(0);
            if (cost > budget) {
                break; // it is the first in the next step
            }
            budget -= cost;
            queue.remove();
            work.ifPresent(scheduled::add);
            work.ifPresent(PrefillQueue::advance);
            if (!sequence.isDecoding()) {
                queue.add(sequence);
            }
        }
        return scheduled;
    }

    /** A fork whose source was gone when its turn came: the sequence is where it was before. */
    void undo(PromptWork.Fork fork) {
        fork.sequence().prefilledTo(fork.start());
        queue.add(fork.sequence());
    }

    /** Empty: it waits for another answer to the same prompt, which has run more of it. */
    private Optional<PromptWork> next(Sequence sequence) {
        int start = sequence.prefilled();
        Optional<Sequence> ahead = ahead(sequence);
        if (ahead.isEmpty()) {
            return Optional.of(new PromptWork.Chunk(sequence, start, chunkLength(sequence)));
        }
        return ahead.filter(Sequence::isDecoding).map(source -> new PromptWork.Fork(sequence, start, source));
    }

    private static void advance(PromptWork work) {
        switch (work) {
            case PromptWork.Chunk chunk -> chunk.sequence().prefilledTo(chunk.end());
            case PromptWork.Fork fork ->
                fork.sequence().prefilledTo(fork.sequence().prompt().length());
        }
    }

    /** An answer to the very same prompt, with the same adapter version, that has run more of it. */
    @SuppressWarnings("ReferenceEquality") // of one request; to compare the tokens of all would cost each step its time
    private Optional<Sequence> ahead(Sequence sequence) {
        return slots.running().stream()
                .filter(other -> other.prompt() == sequence.prompt()
                        && other.owner() == sequence.owner()
                        && other.prefilled() > sequence.prefilled())
                .findFirst();
    }

    private int chunkLength(Sequence sequence) {
        int shared = prefixes.length(sequence.prompt());
        int end = sequence.prefilled() < shared ? shared : sequence.prompt().length();
        return Math.min(chunk, end - sequence.prefilled());
    }
}
