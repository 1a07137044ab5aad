package io.lorikeet.cli.terminal;

import java.lang.Character.UnicodeScript;

/** How many columns of a terminal a text takes: Chinese, Japanese and Korean characters take two. */
public final class DisplayWidth {

    private DisplayWidth() {}

    /** Columns that {@code text} takes on one line. */
    public static int of(String text) {
        return text.codePoints().map(DisplayWidth::of).sum();
    }

    /** Columns that one code point takes: 0, 1 or 2. */
    public static int of(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT, Character.CONTROL -> 0;
            default -> isWide(codePoint) ? 2 : 1;
        };
    }

    /** {@code text} with blanks after it up to {@code columns}. */
    public static String pad(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - of(text)));
    }

    private static boolean isWide(int codePoint) {
        if (codePoint < 0x1100) {
            return false;
        }
        boolean cjkPunctuationOrFullWidth = (codePoint >= 0x3000 && codePoint <= 0x303E)
                || (codePoint >= 0xFF01 && codePoint <= 0xFF60)
                || (codePoint >= 0xFFE0 && codePoint <= 0xFFE6);
        if (cjkPunctuationOrFullWidth || Character.isEmojiPresentation(codePoint)) {
            return true;
        }
        return switch (UnicodeScript.of(codePoint)) {
            case HAN, HIRAGANA, HANGUL, BOPOMOFO, YI -> true;
            case KATAKANA -> codePoint < 0xFF61; // beyond are the half-width forms
            default -> false;
        };
    }
}
