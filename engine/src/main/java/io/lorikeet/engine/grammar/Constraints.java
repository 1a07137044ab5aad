package io.lorikeet.engine.grammar;

import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.IntFunction;

/** What an engine knows of the grammars that its answers have to follow. */
public final class Constraints {
    private static final byte[] NO_TEXT = {};

    private final int size;
    private final IntFunction<byte[]> bytesOfToken;
    private final Set<Integer> stopTokens;
    private final int vocabSize;
    private volatile TokenMasks masks;
    private final Map<Grammar, Automaton> automata = new WeakHashMap<>();

    /**
     * @param stopTokens end an answer
     * @param vocabSize of the model
     */
    public Constraints(Qwen2Tokenizer tokenizer, Set<Integer> stopTokens, int vocabSize) {
        this(
                tokenizer.size(),
                token -> tokenizer.isSpecial(token) ? NO_TEXT : tokenizer.tokenBytes(token),
                stopTokens,
                vocabSize);
    }

    /** @param bytesOfToken of tokens below {@code size}; empty for one that is no text */
    public Constraints(int size, IntFunction<byte[]> bytesOfToken, Set<Integer> stopTokens, int vocabSize) {
        this.size = size;
        this.bytesOfToken = bytesOfToken;
        this.stopTokens = stopTokens;
        this.vocabSize = vocabSize;
    }

    /** For one answer. On any thread; the first waits until the vocabulary is in order. */
    public Constraint of(Grammar grammar) {
        prepare();
        return new Constraint(this, grammar);
    }

    private synchronized void prepare() {
        if (masks == null) {
            masks = new TokenMasks(Vocabulary.of(size, bytesOfToken), stopTokens, vocabSize);
        }
    }

    TokenMasks masks() {
        return masks;
    }

    /** On the engine's thread. */
    Automaton automaton(Grammar grammar) {
        return automata.computeIfAbsent(grammar, known -> new Automaton(known.root()));
    }
}
