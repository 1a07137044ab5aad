package io.lorikeet.engine.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.lorikeet.engine.checkpoint.CheckpointException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Hugging Face's tokenizers library, through DJL: text without control tokens to ids. Safe for use by several threads.
 *
 * <p>A call costs microseconds, however short its text. Most of a conversation's texts are the template's own, the same in
 * every row, so what the first calls were asked is remembered, as much as {@link #REMEMBERED} holds: the template's texts are
 * among it from the first conversation on. Of other texts the words are remembered ({@link KnownWords}), if the tokenizer's
 * are known here ({@link WordSplitter}): byte-level BPE makes tokens of each word by itself.
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
    private final Optional<WordSplitter> splitter;
    private final ConcurrentMap<String, int[]> known = new ConcurrentHashMap<>();
    private final KnownWords words = new KnownWords();

    private NativeBpe(HuggingFaceTokenizer tokenizer, Optional<WordSplitter> splitter) {
        this.tokenizer = tokenizer;
        this.splitter = splitter;
    }

    static NativeBpe of(Path source, TokenizerJson tokenizer) {
        // DJL would cut texts at 512 tokens unless told not to.
        Map<String, String> options = Map.of(
                "addSpecialTokens", "false", "truncation", "false", "padding", "false", "modelMaxLength", "2147483647");
        try (ByteArrayInputStream json =
                new ByteArrayInputStream(tokenizer.withoutAddedTokens().getBytes(StandardCharsets.UTF_8))) {
            return new NativeBpe(HuggingFaceTokenizer.newInstance(json, options), tokenizer.words());
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(source + ": no tokenizer can be made of it: " + e.getMessage(), e);
        }
    }

    void encode(String text, IntList out) {
        int[] remembered = known.get(text);
        if (remembered != null) {
            out.addAll(remembered);
        } else if (text.length() <= LONGEST_REMEMBERED && known.size() < REMEMBERED) {
            int[] ids = encodeAnew(text);
            known.put(text, ids);
            out.addAll(ids);
        } else if (splitter.isPresent() && WordSplitter.knows(text)) {
            encodeWords(text, splitter.get(), out);
        } else {
            out.addAll(encodeAnew(text));
        }
    }

    private void encodeWords(String text, WordSplitter splits, IntList out) {
        int end;
        for (int from = 0; from < text.length(); from = end) {
            end = splits.end(text, from);
            int[] ids = words.find(text, from, end);
            if (ids == null) {
                String word = text.substring(from, end);
                ids = encodeAnew(word);
                words.add(word, ids);
            }
            out.addAll(ids);
        }
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
