package io.lorikeet.pretraining;

import java.text.Normalizer;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a text into the pieces that Qwen2's tokenizer never merges over: normalised (NFC), then by its expression. */
final class Qwen2PreTokenizer {
    /** As it stands in tokenizer.json. */
    static final String EXPRESSION =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final Pattern PATTERN = Pattern.compile(EXPRESSION, Pattern.UNICODE_CHARACTER_CLASS);

    private Qwen2PreTokenizer() {}

    static void split(String text, Consumer<String> pieces) {
        Matcher matcher = PATTERN.matcher(Normalizer.normalize(text, Normalizer.Form.NFC));
        while (matcher.find()) {
            pieces.accept(matcher.group());
        }
    }
}
