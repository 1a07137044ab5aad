package io.lorikeet.engine.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * The text of an answer while its tokens arrive. A token is a run of bytes that may end inside a character; those bytes wait
 * for the next token, so that no delta ever shows half a character. Each byte is decoded once. For one answer and one thread.
 */
public final class TokenTextStream {
    private static final int LONGEST_CHARACTER = 4;

    private final IntFunction<byte[]> bytesOfToken;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    /** Begins with the bytes of a character that is not complete yet. */
    private ByteBuffer waiting = ByteBuffer.allocate(64);

    TokenTextStream(IntFunction<byte[]> bytesOfToken) {
        this.bytesOfToken = bytesOfToken;
    }

    /** The text that this token completes; often empty within an emoji or a rare Chinese character. */
    public String push(int token) {
        byte[] bytes = bytesOfToken.apply(token);
        if (bytes.length == 0) {
            return "";
        }
        if (waiting.remaining() < bytes.length) {
            waiting = ByteBuffer.allocate(bytes.length + LONGEST_CHARACTER).put(waiting.flip());
        }
        waiting.put(bytes).flip();
        CharBuffer text = CharBuffer.allocate(waiting.remaining());
        utf8.decode(waiting, text, false);
        waiting.compact();
        return text.flip().toString();
    }

    /** What is left at the end: empty, or U+FFFD if the answer stops inside a character. */
    public String finish() {
        waiting.flip();
        CharBuffer text = CharBuffer.allocate(LONGEST_CHARACTER);
        utf8.decode(waiting, text, true);
        utf8.flush(text);
        waiting.clear();
        utf8.reset();
        return text.flip().toString();
    }
}
