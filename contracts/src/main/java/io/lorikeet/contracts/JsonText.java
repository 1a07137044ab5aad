package io.lorikeet.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes from anywhere to a tree of JSON, or to one exception that says what is wrong with them. */
final class JsonText {
    private static final String RIGHT = "one JSON object in UTF-8";
    private static final String LIMITS =
            "of which 1000 levels, 1000 digits a number, 50,000 characters a name and 20 million a text are read";
    /** What the parser says of the place where it stopped, without what stood there. */
    private static final Pattern AWAITED = Pattern.compile("was expecting \\(?(?:either )?(.*?)\\)?$");

    private static final Pattern TWICE = Pattern.compile("Duplicate field '(.*)'", Pattern.DOTALL);
    private static final Pattern SURROGATE = Pattern.compile("\\\\u[dD][89a-fA-F]");

    private JsonText() {}

    /** See {@link Json#parse}. */
    static JsonNode parse(byte[] json, String subject, ObjectReader reader) {
        if (json == null || json.length == 0) {
            throw broken(subject, "", "is empty");
        }
        var text = decode(json, subject);
        JsonNode tree;
        try {
            tree = reader.readTree(text);
        } catch (JsonProcessingException e) {
            throw broken(subject, "", wording(e));
        }
        if (tree.isMissingNode()) {
            throw broken(subject, "", "is empty");
        }
        if (tree.isNull()) {
            throw broken(subject, "", "is null");
        }
        if (SURROGATE.matcher(text).find()) {
            refuseHalfPairs(tree, subject, "");
        }
        return tree;
    }

    /**
     * Reads what has nothing wrong with it, without a tree in between, which takes a third of the time. Empty for all else,
     * which {@link #parse} then says what is wrong with.
     */
    static Optional<Object> readWhole(byte[] json, ObjectReader reader) {
        if (json == null) {
            return Optional.empty();
        }
        try {
            if (isPlain(json)) {
                return Optional.ofNullable(reader.readValue(json));
            }
            var text = UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
            return SURROGATE.matcher(text).find() ? Optional.empty() : Optional.ofNullable(reader.readValue(text));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Whether it is ASCII without escapes, as most messages are: then its bytes are its text. A zero would be another encoding's. */
    private static boolean isPlain(byte[] json) {
        for (byte each : json) {
            if (each <= 0 || each == '\\') {
                return false;
            }
        }
        return true;
    }

    private static String decode(byte[] json, String subject) {
        var bytes = ByteBuffer.wrap(json);
        try {
            var text = UTF_8.newDecoder().decode(bytes).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw broken(subject, "", "is not UTF-8 at byte " + (bytes.position() + 1));
        }
    }

    private static String wording(JsonProcessingException e) {
        var at = e.getLocation();
        var where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
        var why = why(e);
        return "is not JSON" + where + (why.isEmpty() ? "" : ": ") + why;
    }

    private static String why(JsonProcessingException e) {
        var said = e.getOriginalMessage();
        Matcher twice = TWICE.matcher(said);
        if (twice.matches()) {
            return "field " + Shown.value(twice.group(1)) + " stands twice";
        }
        return switch (e) {
            case JsonEOFException _ -> "it ends too early";
            case StreamConstraintsException _ -> "it is beyond all measure, " + LIMITS;
            default -> {
                Matcher awaited = AWAITED.matcher(said);
                yield awaited.find() ? "here belongs " + awaited.group(1) : "";
            }
        };
    }

    /** Half of a pair that makes one character can be read, but never be written again. */
    private static void refuseHalfPairs(JsonNode json, String subject, String path) {
        if (json.isTextual()) {
            refuseHalfPair(json.textValue(), subject, path);
        }
        int i = 0;
        for (var element : json) {
            if (json.isArray()) {
                refuseHalfPairs(element, subject, path + "[" + i++ + "]");
            }
        }
        for (var field : json.properties()) {
            refuseHalfPair(field.getKey(), subject, path);
            refuseHalfPairs(field.getValue(), subject, Problem.path(path, Shown.name(field.getKey())));
        }
    }

    private static void refuseHalfPair(String text, String subject, String path) {
        if (!UTF_8.newEncoder().canEncode(text)) {
            throw broken(subject, path, "holds half of a surrogate pair");
        }
    }

    private static ContractException broken(String subject, String path, String problem) {
        var right = path.isEmpty() ? RIGHT : "whole characters";
        return new ContractException(subject, new Problem(Shown.sentence(path), problem, right));
    }
}
