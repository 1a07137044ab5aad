package io.lorikeet.engine.jinja;

import java.util.Locale;

/** Strings and numbers as Python writes them in its source, in {@code repr} and in {@code json.dumps}. */
final class Escapes {
    private Escapes() {}

    /** The string that a literal of Python stands for. */
    static String unescape(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        StringBuilder out = new StringBuilder(literal.length());
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escaped = literal.charAt(++i);
            switch (escaped) {
                case '\n' -> {}
                case '\\', '\'', '"' -> out.append(escaped);
                case 'a' -> out.append('\u0007');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'v' -> out.append('\u000b');
                case 'x' -> i = hex(literal, i, 2, out);
                case 'u' -> i = hex(literal, i, 4, out);
                case 'U' -> i = hex(literal, i, 8, out);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                    int end = i;
                    while (end < literal.length() && end < i + 3 && Character.digit(literal.charAt(end), 8) >= 0) {
                        end++;
                    }
                    out.appendCodePoint(Integer.parseInt(literal.substring(i, end), 8));
                    i = end - 1;
                }
                case 'N' -> throw new TemplateException("a string has \\N, which is not supported in a chat template");
                default -> out.append('\\').append(escaped);
            }
        }
        return out.toString();
    }

    private static int hex(String literal, int at, int digits, StringBuilder out) {
        int end = at + 1 + digits;
        try {
            out.appendCodePoint(Integer.parseInt(literal.substring(at + 1, end), 16));
        } catch (IndexOutOfBoundsException | IllegalArgumentException _) {
            throw new TemplateException("a string has an escape that Python does not know: \\" + literal.charAt(at));
        }
        return end - 1;
    }

    /** Python's shortest spelling that reads back the same: 1.0, 0.1, 1e+16, 1e-05. */
    static String real(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        var decimal = new java.math.BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        String sign = value < 0 || (value == 0 && 1 / value < 0) ? "-" : "";
        if (value == 0) {
            return sign + "0.0";
        }
        if (exponent >= -4 && exponent < 16) {
            String plain = decimal.abs().toPlainString();
            return sign + plain + (plain.indexOf('.') < 0 ? ".0" : "");
        }
        String digits = decimal.unscaledValue().abs().toString();
        return sign
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    /** In quotes, as {@code repr}. */
    static void repr(Text text, Text.Builder out) {
        String chars = text.chars();
        String quote = chars.indexOf('\'') >= 0 && chars.indexOf('"') < 0 ? "\"" : "'";
        out.append(quote);
        escape(text, out, c -> switch (c) {
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\'' -> quote.equals("'") ? "\\'" : null;
            default -> isPrintable(c) ? null : code(c);
        });
        out.append(quote);
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    private static String code(int c) {
        return String.format(Locale.ROOT, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }

    /** In quotes, as JSON. */
    static void json(Text text, boolean ascii, Text.Builder out) {
        out.append("\"");
        escape(text, out, c -> switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> c < 0x20 || (ascii && c > 0x7e) ? units(c) : null;
        });
        out.append("\"");
    }

    private static String units(int c) {
        StringBuilder out = new StringBuilder();
        for (char unit : Character.toChars(c)) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
        }
        return out.toString();
    }

    private interface Escape {
        /** What stands for it, or null if it stands for itself. */
        String of(int codePoint);
    }

    private static void escape(Text text, Text.Builder out, Escape escapes) {
        String chars = text.chars();
        int done = 0;
        for (int i = 0, next; i < chars.length(); i = next) {
            int c = chars.codePointAt(i);
            next = i + Character.charCount(c);
            String escape = escapes.of(c);
            if (escape != null) {
                out.append(text, done, i).append(escape);
                done = next;
            }
        }
        out.append(text, done, chars.length());
    }
}
