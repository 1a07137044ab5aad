package io.lorikeet.engine.grammar;

/**
 * What an answer has to be. Knows no vocabulary, and may be kept and used for any number of answers: what an engine finds out
 * about it, it keeps as long as the grammar lives.
 */
public final class Grammar {
    private final Rule root;

    Grammar(Rule root) {
        this.root = root;
    }

    Rule root() {
        return root;
    }

    /** Whether a text belongs to the language. */
    public boolean matches(String text) {
        return new Automaton(root).matches(text);
    }
}
