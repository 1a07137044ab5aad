package io.lorikeet.engine.grammar;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.grammar.Automaton.State;

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

    /**
     * Takes the next token, which may end the answer.
     *
     * @throws EngineException if it cannot come: there is none that could
     */
    public void accept(int token) {
        if (!mask().allows(token)) {
            throw new EngineException("no token of the model's vocabulary can go on with what the answer has to be");
        }
        for (byte b : owner.masks().vocabulary().bytes(token)) {
            state = automaton.next(state, b & 0xff);
        }
    }

    private void begin() {
        if (automaton == null) {
            automaton = owner.automaton(grammar);
            state = automaton.start();
        }
    }
}
