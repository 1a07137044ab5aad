package io.lorikeet.engine.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.lorikeet.engine.checkpoint.CheckpointException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Hugging Face's tokenizers library, through DJL: text without control tokens to ids. Safe for use by several threads.
 *
 * <p>A call costs microseconds, however short its text, and most of a conversation's texts are the template's own, the same in
 * every row. So what the first calls were asked is remembered, as much as {@link #REMEMBERED} holds: the template's texts are
 * among it from the first conversation on.
 */
final class NativeBpe implements AutoCloseable {
    private static final int REMEMBERED = 512;
    /** Longer ones, in characters, are nobody's template. */
    private static final int LONGEST_REMEMBERED = 4_096;

    static {
        // There is nothing in a tokenizer for a GPU, but on a machine with one DJL would look for such a build on the
        // network.
        setDefault("RUST_FLAVOR", "cpu");
        setDefault("OPT_OUT_TRACKING", "true");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final ConcurrentMap<String, int[]> known = new ConcurrentHashMap<>();

    private NativeBpe(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    static NativeBpe of(Path source, String tokenizerJson) {
        // DJL would cut texts at 512 tokens unless told not to.
        Map<String, String> options = Map.of(
                "addSpecialTokens", "false", "truncation", "false", "padding", "false", "modelMaxLength", "2147483647");
        try (ByteArrayInputStream json = new ByteArrayInputStream(tokenizerJson.getBytes(StandardCharsets.UTF_8))) {
            return new NativeBpe(HuggingFaceTokenizer.newInstance(json, options));
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(source + ": no tokenizer can be made of it: " + e.getMessage(), e);
        }
    }

    /** An array of the caller's own. */
    int[] encode(String text) {
        int[] remembered = known.get(text);
        if (remembered != null) {
            return remembered.clone();
        }
        int[] ids = encodeAnew(text);
        if (text.length() <= LONGEST_REMEMBERED && known.size() < REMEMBERED) {
            known.put(text, ids.clone());
        }
        return ids;
    }

    /** By the library's own calls: DJL's {@code encode} fetches nine more things of each token, an object for each. */
    private int[] encodeAnew(String text) {
        long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), wellFormed(text), false);
        long[] ids;
        try {
            ids = TokenizersLibrary.LIB.getTokenIds(encoding);
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
        }
        int[] out = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            out[i] = Math.toIntExact(ids[i]);
        }
        return out;
    }

    /** Half a surrogate pair is no Unicode and has no UTF-8; U+FFFD takes its place. */
    private static String wellFormed(String text) {
        if (text.codePoints().noneMatch(NativeBpe::isLoneSurrogate)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(isLoneSurrogate(c) ? 0xFFFD : c));
        return out.toString();
    }

    private static boolean isLoneSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null && System.getenv(property) == null) {
            System.setProperty(property, value);
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
