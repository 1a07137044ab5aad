package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.Schedule.Admitted;
import io.lorikeet.engine.generation.Schedule.Ended;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Continuous batching: decides who runs, in which cache slot, and how much of which prompt. Sequences join and leave the
 * batch between any two steps. It only decides, and knows no model: {@link EngineCore} does what it says and tells it what
 * came of that. Belongs to the engine's thread.
 *
 * <p>Sequences begin in the order of their arrival. One is passed by later ones only while its adapter version is not on
 * the device, and a version that came for waiting sequences stays until one of them has begun, so nobody waits forever.
 */
final class Scheduler {
    private final CacheSlots slots;
    private final AdapterTable adapters;
    private final PrefixCache prefixes;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final PrefillQueue prefills;
    private final Drafts drafts;

    /** @param chunk tokens of prompts in one step at most, so that nobody's next token waits longer */
    Scheduler(CacheSlots slots, AdapterTable adapters, PrefixCache prefixes, int chunk, Drafts drafts) {
        this.slots = slots;
        this.adapters = adapters;
        this.prefixes = prefixes;
        this.drafts = drafts;
        this.prefills = new PrefillQueue(slots, prefixes, chunk);
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    boolean isIdle() {
        return waiting.isEmpty() && slots.running().isEmpty();
    }

    int running() {
        return slots.running().size();
    }

    int waiting() {
        return waiting.size();
    }

    double cacheUsage() {
        return slots.usage();
    }

    PrefixCache prefixes() {
        return prefixes;
    }

    AdapterTable adapters() {
        return adapters;
    }

    Drafts drafts() {
        return drafts;
    }

    /** What the next step has to do. */
    Schedule schedule(long now) {
        List<Ended> ended = new ArrayList<>(expire(now));
        List<ServedVersion> wanted = new ArrayList<>();
        List<Admitted> admitted = admit(wanted, ended);
        return new Schedule(ended, wanted, admitted, prefills.schedule());
    }

    /** Those that were cancelled or have taken too long. */
    private List<Ended> expire(long now) {
        List<Ended> ended = Stream.concat(slots.running().stream(), waiting.stream())
                .flatMap(sequence -> sequence.mustEnd(now).stream())
                .toList();
        ended.forEach(end -> remove(end.sequence()));
        return ended;
    }

    /** In the order of arrival; one whose adapter has to come from host memory first lets others pass. */
    private List<Admitted> admit(List<ServedVersion> wanted, List<Ended> ended) {
        List<Admitted> admitted = new ArrayList<>();
        for (Iterator<Sequence> queue = waiting.iterator(); queue.hasNext() && slots.hasFree(); ) {
            Sequence sequence = queue.next();
            Optional<ServedVersion> adapter = sequence.adapter();
            try {
                if (adapter.isEmpty() || adapters.begin(adapter.get())) {
                    queue.remove();
                    admitted.add(begin(sequence));
                } else {
                    wanted.add(adapter.get());
                }
            } catch (EngineException e) {
                queue.remove();
                leave(sequence);
                ended.add(new Ended(sequence, Optional.of(e)));
            }
        }
        return admitted;
    }

    private Admitted begin(Sequence sequence) {
        slots.allocate(sequence);
        prefills.add(sequence);
        int shared = prefixes.length(sequence.prompt());
        OptionalInt prefix =
                shared == 0 ? OptionalInt.empty() : prefixes.find(sequence.owner(), sequence.prompt(), shared);
        prefix.ifPresent(_ -> sequence.prefilledTo(shared));
        return new Admitted(sequence, prefix, sequence.prefilled());
    }

    /** Whether a fork's source still runs; if not, the sequence gets another piece of work in the next step. */
    boolean canFork(PromptWork.Fork fork) {
        boolean can = fork.source().isRunning() && fork.source().isDecoding();
        if (!can) {
            prefills.undo(fork);
        }
        return can;
    }

    /** A chunk has been run; returns where to keep what the sequence has cached so far, if that is a prefix to be kept. */
    OptionalInt prefilled(PromptWork.Chunk chunk) {
        Sequence sequence = chunk.sequence();
        boolean prefix = !chunk.isLast() && chunk.end() == prefixes.length(sequence.prompt());
        return prefix ? prefixes.add(sequence.owner(), sequence.prompt(), chunk.end()) : OptionalInt.empty();
    }

    /** What was to be kept of a chunk could not be. */
    void notKept(PromptWork.Chunk chunk) {
        prefixes.remove(chunk.sequence().owner(), chunk.sequence().prompt(), chunk.end());
    }

    /** All that decode now, if there are any, with what the step checks beside. */
    Optional<DecodeBatch> decodeBatch(long now) {
        List<Sequence> decoding =
                slots.running().stream().filter(Sequence::isDecoding).toList();
        return decoding.isEmpty() ? Optional.empty() : Optional.of(new DecodeBatch(decoding, drafts.of(decoding), now));
    }

    /** A sequence that runs or waits has ended: its place is free. */
    void remove(Sequence sequence) {
        if (sequence.isRunning()) {
            slots.free(sequence);
            prefills.remove(sequence);
            sequence.adapter().ifPresent(adapters::end);
        } else {
            waiting.remove(sequence);
        }
        leave(sequence);
    }

    private void leave(Sequence sequence) {
        sequence.end();
        sequence.adapter().ifPresent(adapters::release);
    }

    /** Ends everything. */
    List<Ended> removeAll(EngineException error) {
        List<Sequence> all =
                Stream.concat(slots.running().stream(), waiting.stream()).toList();
        all.forEach(this::remove);
        return all.stream()
                .map(sequence -> new Ended(sequence, Optional.of(error)))
                .toList();
    }
}
