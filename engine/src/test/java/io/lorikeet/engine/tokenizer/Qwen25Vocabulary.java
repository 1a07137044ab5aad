package io.lorikeet.engine.tokenizer;

/** The tokenizer of Qwen2.5, for tests of other packages. */
public final class Qwen25Vocabulary {
    private Qwen25Vocabulary() {}

    /** Open as long as the tests run. */
    public static Qwen2Tokenizer tokenizer() {
        return Qwen25.tokenizer();
    }
}
