package io.lorikeet.engine.generation;

import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.tokenizer.TokenTextStream;

/** Turns one answer's tokens into text as they come. */
public interface TextDecoder {
    /** Text that is certain after one more token; never half a character. */
    String push(int token);

    /** The rest, when no more tokens come. */
    String finish();

    static TextDecoder of(Qwen2Tokenizer tokenizer) {
        TokenTextStream stream = tokenizer.stream();
        return new TextDecoder() {
            @Override
            public String push(int token) {
                return stream.push(token);
            }

            @Override
            public String finish() {
                return stream.finish();
            }
        };
    }

    /** For a model without a tokenizer: no text at all. */
    static TextDecoder none() {
        return new TextDecoder() {
            @Override
            public String push(int token) {
                return "";
            }

            @Override
            public String finish() {
                return "";
            }
        };
    }
}
