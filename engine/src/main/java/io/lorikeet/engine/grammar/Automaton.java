package io.lorikeet.engine.grammar;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A grammar as a machine over bytes: all places where one can be at once, each with the rules that it is to go on with. Such a
 * state is made when it is first reached, and known again. Belongs to one thread.
 */
final class Automaton {
    /** States kept; beyond, all are forgotten, and made again as they are reached. */
    private static final int MOST_STATES = 20_000;

    /** Nothing can come, and what came was wrong. */
    static final State DEAD = new State(List.of(), false);

    /** Where the rules that were entered go on, the innermost first. Told apart by identity: equal ones are the same. */
    static final class Stack {
        final Node next;
        final Stack below;
        private final Map<Node, Stack> above = new HashMap<>(2);

        private Stack(Node next, Stack below) {
            this.next = next;
            this.below = below;
        }
    }

    /** A place where a byte is expected. */
    record Place(Node.Read node, Stack stack) {}

    /** All places where one can be after the same bytes. */
    static final class State {
        final List<Place> places;
        /** Whether the bytes so far belong to the language. */
        final boolean complete;

        private State[] next;

        private State(List<Place> places, boolean complete) {
            this.places = places;
            this.complete = complete;
        }
    }

    private record Key(List<Place> places, boolean complete) {}

    /** Collects the places that are reached without a byte. */
    private final class Closure {
        private final Set<Place> places = new LinkedHashSet<>();
        private final Set<List<Object>> seen = new LinkedHashSet<>();
        private boolean complete;

        void add(Node node, Stack stack) {
            switch (node) {
                case Node.Read read -> places.add(new Place(read, stack));
                case Node.Split split -> {
                    if (seen.add(List.of(split, stack))) {
                        split.ways.forEach(way -> add(way, stack));
                    }
                }
                case Node.Enter enter -> {
                    // a rule that ends with a call has nothing to come back for
                    Stack inner = enter.next == Node.END ? stack : push(enter.next, stack);
                    if (seen.add(List.of(enter, stack))) {
                        add(enter.rule.entry(), inner);
                    }
                }
                case Node.End _ -> {
                    if (stack == bottom) {
                        complete = true;
                    } else {
                        add(stack.next, stack.below);
                    }
                }
            }
        }

        State state() {
            if (places.isEmpty() && !complete) {
                return DEAD;
            }
            var key = new Key(List.copyOf(places), complete);
            return states.computeIfAbsent(key, k -> new State(k.places, k.complete));
        }
    }

    private final Rule root;
    private final Stack bottom = new Stack(Node.END, null);
    private final Map<Key, State> states = new HashMap<>();

    Automaton(Rule root) {
        this.root = root;
    }

    State start() {
        return at(root.entry(), bottom);
    }

    /** At a place of a rule that nobody has called. */
    State at(Node node) {
        return at(node, bottom);
    }

    /** Where the rules of a stack go on. */
    State after(Stack stack) {
        return at(stack.next, stack.below);
    }

    boolean isBottom(Stack stack) {
        return stack == bottom;
    }

    private State at(Node node, Stack stack) {
        var closure = new Closure();
        closure.add(node, stack);
        return closure.state();
    }

    private static Stack push(Node next, Stack stack) {
        return stack.above.computeIfAbsent(next, n -> new Stack(n, stack));
    }

    /** After one more byte; {@link #DEAD} if it cannot come. */
    State next(State state, int value) {
        if (state.next == null) {
            state.next = new State[256];
        }
        State known = state.next[value];
        if (known == null) {
            known = reach(state, value);
            state.next[value] = known;
        }
        return known;
    }

    private State reach(State state, int value) {
        if (states.size() > MOST_STATES) {
            states.values().forEach(each -> each.next = null);
            states.clear();
            state.next = new State[256];
        }
        var closure = new Closure();
        for (Place place : state.places) {
            if (place.node.from <= value && value <= place.node.to) {
                closure.add(place.node.next, place.stack);
            }
        }
        return closure.state();
    }

    boolean matches(String text) {
        State state = start();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            state = next(state, b & 0xff);
        }
        return state.complete;
    }
}
