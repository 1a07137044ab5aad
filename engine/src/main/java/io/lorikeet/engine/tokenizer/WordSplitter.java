package io.lorikeet.engine.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Splits texts into the words that byte-level BPE works on, as the regular expression of Qwen2's and Llama 3's tokenizers does:
 *
 * <pre>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</pre>
 *
 * Only texts of characters whose kind is the same in every version of Unicode, and which normalisation leaves as they are: the
 * scripts that are written most. Any other text is for the native tokenizer.
 *
 * @param digits that a word may have
 */
record WordSplitter(int digits) {
    private static final String BEGIN = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}";
    private static final String REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** Of a character: none of these it is not known here. */
    private static final byte LETTER = 1;

    private static final byte NUMBER = 2;
    private static final byte SPACE = 3;
    private static final byte OTHER = 4;
    private static final byte[] KINDS = kinds();

    /** The one for a tokenizer.json; empty if it splits in another way, or normalises otherwise than by NFC. */
    static Optional<WordSplitter> of(JsonNode tokenizer) {
        JsonNode normalizer = tokenizer.path("normalizer");
        boolean normalises = !normalizer.isNull() && !normalizer.isMissingNode();
        JsonNode steps = tokenizer.path("pre_tokenizer").path("pretokenizers");
        JsonNode split = steps.path(0);
        JsonNode bytes = steps.path(1);
        boolean usual = (!normalises || normalizer.path("type").asText().equals("NFC"))
                && steps.size() == 2
                && split.path("type").asText().equals("Split")
                && split.path("behavior").asText().equals("Isolated")
                && !split.path("invert").asBoolean(true)
                && bytes.path("type").asText().equals("ByteLevel")
                && !bytes.path("add_prefix_space").asBoolean(true)
                && !bytes.path("use_regex").asBoolean(true)
                && tokenizer.path("model").path("dropout").asDouble(0) == 0;
        if (!usual) {
            return Optional.empty();
        }
        return switch (split.path("pattern").path("Regex").asText()) {
            case BEGIN + REST -> Optional.of(new WordSplitter(1));
            case BEGIN + "{1,3}" + REST -> Optional.of(new WordSplitter(3));
            default -> Optional.empty();
        };
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[Character.MAX_VALUE + 1];
        // ASCII, Latin with its accents but for the s that is s to who ignores case, Greek, Cyrillic
        fill(kinds, 0x20, 0x7e);
        fill(kinds, 0xc0, 0x17e);
        fill(kinds, 0x3b1, 0x3c9);
        fill(kinds, 0x410, 0x44f);
        // punctuation; Japanese, Chinese, Korean with theirs
        fill(kinds, 0x2010, 0x2027);
        fill(kinds, 0x3001, 0x3003);
        fill(kinds, 0x3008, 0x3011);
        fill(kinds, 0x3041, 0x3096);
        fill(kinds, 0x30a1, 0x30fa);
        fill(kinds, 0x4e00, 0x9fa5);
        fill(kinds, 0xac00, 0xd7a3);
        fill(kinds, 0xff01, 0xff5e);
        for (char space : new char[] {' ', '\t', '\n', '\r'}) {
            kinds[space] = SPACE;
        }
        return kinds;
    }

    private static void fill(byte[] kinds, int from, int to) {
        for (int c = from; c <= to; c++) {
            int type = Character.getType(c);
            kinds[c] = Character.isLetter(c)
                    ? LETTER
                    : type == Character.DECIMAL_DIGIT_NUMBER || type == Character.OTHER_NUMBER ? NUMBER : OTHER;
        }
    }

    /** Whether all characters are known here. */
    static boolean knows(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (KINDS[text.charAt(i)] == 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Where the word that begins here ends.
     *
     * @param text all of whose characters are known
     */
    int end(String text, int from) {
        char first = text.charAt(from);
        int after = from + 1;
        int contraction = first == '\'' ? contraction(text, after) : 0;
        if (contraction > 0) {
            return after + contraction;
        }
        byte kind = KINDS[first];
        boolean lineEnd = isLineEnd(first);
        if (kind == LETTER || (kind != NUMBER && !lineEnd && is(LETTER, text, after))) {
            return run(LETTER, text, after);
        }
        if (kind == NUMBER) {
            int end = after;
            while (end - from < digits && is(NUMBER, text, end)) {
                end++;
            }
            return end;
        }
        if (kind == OTHER || (first == ' ' && is(OTHER, text, after))) {
            int end = run(OTHER, text, after);
            while (end < text.length() && isLineEnd(text.charAt(end))) {
                end++;
            }
            return end;
        }
        int end = run(SPACE, text, after);
        for (int i = end - 1; i >= from; i--) {
            if (isLineEnd(text.charAt(i))) {
                return i + 1;
            }
        }
        // the last blank belongs to what follows
        return end == text.length() || end == after ? end : end - 1;
    }

    /** Characters of it after the apostrophe. */
    private static int contraction(String text, int at) {
        if (at < text.length()) {
            char one = lower(text.charAt(at));
            if (one == 's' || one == 't' || one == 'm' || one == 'd') {
                return 1;
            }
            char two = at + 1 < text.length() ? lower(text.charAt(at + 1)) : 0;
            if ((two == 'e' && (one == 'r' || one == 'v')) || (two == 'l' && one == 'l')) {
                return 2;
            }
        }
        return 0;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }

    private static boolean isLineEnd(char c) {
        return c == '\n' || c == '\r';
    }

    private static boolean is(byte kind, String text, int at) {
        return at < text.length() && KINDS[text.charAt(at)] == kind;
    }

    private static int run(byte kind, String text, int from) {
        int end = from;
        while (is(kind, text, end)) {
            end++;
        }
        return end;
    }
}
