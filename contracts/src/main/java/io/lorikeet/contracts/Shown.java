package io.lorikeet.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;

/** A value or a name in a message for people: short whatever it is, and on one line. */
public final class Shown {
    private static final int LONGEST = 80;

    private Shown() {}

    /** A JSON value: a short one as it is, a list or an object by its size. */
    public static String value(JsonNode json) {
        return switch (json.getNodeType()) {
            case ARRAY -> "a list of " + json.size();
            case OBJECT -> "an object of " + json.size();
            case STRING -> value(json.textValue());
            case BINARY, BOOLEAN, MISSING, NULL, NUMBER, POJO -> cut(json.toString());
        };
    }

    /** A text, in quotes; null as {@code null}. */
    public static String value(String text) {
        return text == null ? "null" : TextNode.valueOf(cut(text)).toString();
    }

    /** A name, without quotes. */
    public static String name(String name) {
        var quoted = value(name);
        return name == null ? quoted : quoted.substring(1, quoted.length() - 1);
    }

    /** A sentence from elsewhere, which may hold a value of any length. */
    public static String sentence(String text) {
        return text.length() <= 6 * LONGEST ? text : head(text, 6 * LONGEST) + "...";
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : head(text, LONGEST - 3) + "...";
    }

    /** No half of a surrogate pair at the end. */
    private static String head(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }
}
