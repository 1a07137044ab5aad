package io.lorikeet.engine.grammar;

import io.lorikeet.engine.grammar.Automaton.Place;
import io.lorikeet.engine.grammar.Automaton.State;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Which tokens can come next in a state. What can come is seldom looked for in the whole vocabulary: for each place of a rule,
 * the tokens that stay inside the rule are found once, whoever has called it, with the nodes of the vocabulary's tree at which
 * the rule may be over; only from these on does it depend on the caller. So the tokens inside a string, nearly all there are,
 * are found once for all strings. Belongs to one thread.
 */
final class TokenMasks {
    /** Masks kept; one of 150,000 tokens takes 19 KB. */
    private static final int MOST_MASKS = 2_000;

    /** What can come at a place, as far as its own rule knows. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Reach(long[] tokens, int[] exits) {}

    private final Vocabulary vocabulary;
    private final Set<Integer> stopTokens;
    private final int words;
    private final Map<Node, Reach> reaches = new WeakHashMap<>();
    private final Map<State, TokenMask> masks = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<State, TokenMask> eldest) {
            return size() > MOST_MASKS;
        }
    };

    /** @param vocabSize of the model, which may be larger than the tokenizer's */
    TokenMasks(Vocabulary vocabulary, Set<Integer> stopTokens, int vocabSize) {
        this.vocabulary = vocabulary;
        this.stopTokens = stopTokens;
        this.words = (vocabSize + Long.SIZE - 1) / Long.SIZE;
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** The tokens that can come; those that end an answer if what came so far is whole. */
    TokenMask of(Automaton automaton, State state) {
        TokenMask known = masks.get(state);
        if (known == null) {
            known = new TokenMask(find(automaton, state));
            masks.put(state, known);
        }
        return known;
    }

    private long[] find(Automaton automaton, State state) {
        long[] mask = new long[words];
        for (Place place : state.places) {
            Reach reach = reaches.get(place.node());
            if (reach == null) {
                reach = reach(automaton, place.node());
                reaches.put(place.node(), reach);
            }
            for (int i = 0; i < words; i++) {
                mask[i] |= reach.tokens[i];
            }
            if (!automaton.isBottom(place.stack()) && reach.exits.length > 0) {
                State caller = automaton.after(place.stack());
                for (int exit : reach.exits) {
                    walk(automaton, exit, caller, mask);
                }
            }
        }
        if (state.complete) {
            stopTokens.forEach(token -> mask[token >> 6] |= 1L << token);
        }
        return mask;
    }

    private void walk(Automaton automaton, int from, State state, long[] mask) {
        for (int node = from + 1; node < vocabulary.end(from); node = vocabulary.end(node)) {
            State next = automaton.next(state, vocabulary.label(node));
            if (next != Automaton.DEAD) {
                vocabulary.mark(node, mask);
                if (vocabulary.hasChildren(node)) {
                    walk(automaton, node, next, mask);
                }
            }
        }
    }

    private Reach reach(Automaton automaton, Node.Read place) {
        var search = new Search(automaton);
        search.walk(0, automaton.at(place));
        return new Reach(search.tokens, Arrays.copyOf(search.exits, search.count));
    }

    /** The same walk, which notes where the rule is over. */
    private final class Search {
        private final Automaton automaton;
        private final long[] tokens = new long[words];
        private int[] exits = new int[16];
        private int count;

        Search(Automaton automaton) {
            this.automaton = automaton;
        }

        void walk(int from, State state) {
            for (int node = from + 1; node < vocabulary.end(from); node = vocabulary.end(node)) {
                State next = automaton.next(state, vocabulary.label(node));
                if (next == Automaton.DEAD) {
                    continue;
                }
                vocabulary.mark(node, tokens);
                if (vocabulary.hasChildren(node)) {
                    if (next.complete) {
                        exit(node);
                    }
                    walk(node, next);
                }
            }
        }

        private void exit(int node) {
            exits = count == exits.length ? Arrays.copyOf(exits, 2 * count) : exits;
            exits[count++] = node;
        }
    }
}
