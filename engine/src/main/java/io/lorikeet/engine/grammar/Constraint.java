package io.lorikeet.engine.grammar;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.grammar.Automaton.State;
import java.util.ArrayList;
import java.util.List;

/** One answer on its way through its grammar. Belongs to the engine's thread once it runs. */
public final class Constraint {
    private final Constraints owner;
    private final Grammar grammar;
    private Automaton automaton;
    private State state;

    Constraint(Constraints owner, Grammar grammar) {
        this.owner = owner;
        this.grammar = grammar;
    }

    /** The tokens that can come next. */
    public TokenMask mask() {
        begin();
        return owner.masks().of(automaton, state);
    }

    /** The tokens that can come next, then those after each of {@code tokens}, as far as these can come. */
    public List<TokenMask> masks(int[] tokens) {
        List<TokenMask> found = new ArrayList<>(List.of(mask()));
        State after = state;
        for (int token : tokens) {
            if (!found.getLast().allows(token)) {
                break;
            }
            after = next(after, token);
            found.add(owner.masks().of(automaton, after));
        }
        return found;
    }

    private State next(State from, int token) {
        State after = from;
        for (byte b : owner.masks().vocabulary().bytes(token)) {
            after = automaton.next(after, b & 0xff);
        }
        return after;
    }

    /**
     * Takes the next token, which may end the answer.
     *
     * @throws EngineException if it cannot come: there is none that could
     */
    public void accept(int token) {
        if (!mask().allows(token)) {
            throw new EngineException("no token of the model's vocabulary can go on with what the answer has to be");
        }
        state = next(state, token);
    }

    private void begin() {
        if (automaton == null) {
            automaton = owner.automaton(grammar);
            state = automaton.start();
        }
    }
}
