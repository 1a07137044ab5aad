package io.lorikeet.benchmarks.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A byte-level vocabulary of any size: the 256 bytes, words that no text holds, and at the end ChatML's control tokens. A
 * prompt is as many tokens as bytes, and every generated token shows as text.
 */
record WordVocabulary(int size) {
    static final List<String> CONTROL_TOKENS = List.of("<|im_start|>", "<|endoftext|>", "<|im_end|>");
    private static final int BYTES = 256;

    int firstControlToken() {
        return size - CONTROL_TOKENS.size();
    }

    /** A token as tokenizer.json spells it. */
    String spelling(int id) {
        if (id < BYTES) {
            return String.valueOf(byteSpelling(id));
        }
        return id < firstControlToken() ? byteSpelling(' ') + "w" + id : CONTROL_TOKENS.get(id - firstControlToken());
    }

    /** tokenizer.json of Hugging Face's library. */
    Map<String, Object> tokenizerJson() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (int id = 0; id < firstControlToken(); id++) {
            vocabulary.put(spelling(id), id);
        }
        Map<String, Object> byteLevel =
                Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", false, "use_regex", false);
        List<Map<String, Object>> added = CONTROL_TOKENS.stream()
                .map(token -> Map.<String, Object>of(
                        "id",
                        firstControlToken() + CONTROL_TOKENS.indexOf(token),
                        "content",
                        token,
                        "single_word",
                        false,
                        "lstrip",
                        false,
                        "rstrip",
                        false,
                        "normalized",
                        false,
                        "special",
                        true))
                .toList();
        return Map.of(
                "version", "1.0",
                "added_tokens", added,
                "pre_tokenizer", byteLevel,
                "decoder", byteLevel,
                "model",
                        Map.of(
                                "type",
                                "BPE",
                                "fuse_unk",
                                false,
                                "byte_fallback",
                                false,
                                "vocab",
                                vocabulary,
                                "merges",
                                List.of()));
    }

    /** GPT-2's character for a byte: printable ones stand for themselves, the others are counted up from U+0100. */
    private static char byteSpelling(int wanted) {
        if (isPrintable(wanted)) {
            return (char) wanted;
        }
        int others = 0;
        for (int b = 0; b < wanted; b++) {
            if (!isPrintable(b)) {
                others++;
            }
        }
        return (char) (BYTES + others);
    }

    private static boolean isPrintable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
    }
}
