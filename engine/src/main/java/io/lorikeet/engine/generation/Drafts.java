package io.lorikeet.engine.generation;

import io.lorikeet.engine.model.Speculation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which guesses of what sequences say next a step checks beside their own tokens. A guess that holds saves a step, and
 * none changes what is said; so it is only a question of time: a row is worth its cost if more tokens come out of a step by
 * the time that it takes. Belongs to the engine's thread.
 */
final class Drafts {
    /** Rows of a pass that checks drafts: beyond, a processor computes longer than it reads. */
    static final int MAX_ROWS = 16;

    private static final int SEQUENCE_WINDOW = 8;
    private static final int OWNER_WINDOW = 32;
    private static final int MAX_OWNERS = 256;

    private final Speculation speculation;
    private final PassCost cost = new PassCost(MAX_ROWS);
    private final Map<Sequence, AcceptanceRate> sequences = new HashMap<>();
    /** By adapter version, or the base model. */
    private final Map<Long, AcceptanceRate> owners = new LinkedHashMap<>(16, 0.75f, true);

    private long drafted;
    private long accepted;

    Drafts(Speculation speculation) {
        this.speculation = speculation;
    }

    /** There are none. */
    static Drafts off() {
        return new Drafts(Speculation.OFF);
    }

    /** A guess, of which the step takes {@code length} tokens. */
    private static final class Candidate {
        final int[] tokens;
        final double rate;
        int length;
        /** How likely the next token holds, with all before it. */
        double gain;

        Candidate(int[] tokens, double rate) {
            this.tokens = tokens;
            this.rate = rate;
            this.gain = tokens.length == 0 ? 0 : rate;
        }

        void take() {
            length++;
            gain = length == tokens.length ? 0 : gain * rate;
        }

        int[] taken() {
            return Arrays.copyOf(tokens, length);
        }
    }

    /** What a step checks of each sequence, often nothing. */
    List<int[]> of(List<Sequence> decoding) {
        sequences.keySet().retainAll(decoding);
        int room = MAX_ROWS - decoding.size();
        if (speculation == Speculation.OFF || room <= 0) {
            return decoding.stream().map(_ -> new int[0]).toList();
        }
        List<Candidate> candidates = decoding.stream()
                .map(sequence -> new Candidate(guess(sequence, room), rate(sequence)))
                .toList();
        take(candidates, room);
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).tokens.length > 0 && candidates.get(i).length == 0) {
                rates(decoding.get(i)).forEach(AcceptanceRate::passed);
            }
        }
        return candidates.stream().map(Candidate::taken).toList();
    }

    /** Row by row, the likeliest first, as long as each brings more than its time is worth. */
    private void take(List<Candidate> candidates, int room) {
        double perRow = cost.perRow();
        double tokens = candidates.size();
        double time = 1 + perRow * (candidates.size() - 1);
        for (int row = 0; row < room; row++) {
            Candidate best = candidates.getFirst();
            for (Candidate candidate : candidates) {
                if (candidate.gain > best.gain) {
                    best = candidate;
                }
            }
            if (best.gain * time <= perRow * tokens) {
                return;
            }
            tokens += best.gain;
            time += perRow;
            best.take();
        }
    }

    private int[] guess(Sequence sequence, int room) {
        int limit = Math.min(room, sequence.remaining() - 1);
        if (limit <= 0) {
            return new int[0];
        }
        List<int[]> others = speculation == Speculation.ACCEPTANCE
                ? sequence.adapter().map(ServedVersion::examples).orElse(List.of())
                : List.of();
        return sequence.possible(DraftLookup.next(sequence.tokens(), others, limit));
    }

    /** A step has run, and so many tokens of each sequence's draft held. */
    void checked(DecodeBatch batch, List<Integer> held, long nanos) {
        if (speculation == Speculation.OFF) {
            return;
        }
        cost.ran(batch.rows(), nanos);
        for (int i = 0; i < held.size(); i++) {
            int length = batch.drafts().get(i).length;
            if (length > 0) {
                int holding = held.get(i);
                drafted += length;
                accepted += holding;
                rates(batch.sequences().get(i)).forEach(rate -> rate.tried(length, holding));
            }
        }
    }

    private double rate(Sequence sequence) {
        return rates(sequence).getFirst().rate();
    }

    /** The sequence's own, which begins as its adapter's is, and its adapter's. */
    private List<AcceptanceRate> rates(Sequence sequence) {
        var owner =
                owners.computeIfAbsent(sequence.owner(), _ -> new AcceptanceRate(AcceptanceRate.UNKNOWN, OWNER_WINDOW));
        var own = sequences.computeIfAbsent(sequence, _ -> new AcceptanceRate(owner.rate(), SEQUENCE_WINDOW));
        if (owners.size() > MAX_OWNERS) {
            var oldest = owners.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        return List.of(own, owner);
    }

    /** Tokens of drafts that steps have checked. */
    long drafted() {
        return drafted;
    }

    /** Those of them that held. */
    long accepted() {
        return accepted;
    }
}
