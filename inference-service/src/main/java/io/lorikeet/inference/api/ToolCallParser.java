package io.lorikeet.inference.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.grammar.ToolCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the calls of tools out of one answer's text as it grows. A call that decoding has not seen to is kept back until it is
 * whole: what turns out to be none is content like any other text. White space around calls is nobody's.
 */
final class ToolCallParser {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The beginning of a call up to its arguments. */
    private static final Pattern HEAD = Pattern.compile(
            "\\s*\\{\\s*\"name\"\\s*:\\s*(\"(?:[^\"\\\\]|\\\\.)*\")\\s*,\\s*\"arguments\"\\s*:\\s*(?=\\{)");

    /** What there is to say. */
    sealed interface Part {
        record Content(String text) implements Part {}

        /** A call begins. */
        record Call(int index, String id, String name) implements Part {}

        /** More of its arguments, JSON as the model writes it. */
        record Arguments(int index, String json) implements Part {}
    }

    private enum Place {
        TEXT,
        CALL,
        ARGUMENTS,
        TAIL
    }

    private final Set<String> names;
    private final boolean enforced;
    private final StringBuilder rest = new StringBuilder();
    private Place place = Place.TEXT;
    private JsonEnd arguments = new JsonEnd();
    private int calls;

    /**
     * @param names of the tools; another name is no call
     * @param enforced whether what follows the beginning of a call is one for certain, so that it can go out as it comes
     */
    ToolCallParser(Set<String> names, boolean enforced) {
        this.names = names;
        this.enforced = enforced;
    }

    /** Calls so far. */
    int calls() {
        return calls;
    }

    /** Takes more text. */
    List<Part> push(String text) {
        rest.append(text);
        List<Part> parts = new ArrayList<>();
        while (step(parts)) {
            // until no more can be told from what there is
        }
        return parts;
    }

    /** The text is over. */
    List<Part> finish() {
        List<Part> parts = new ArrayList<>();
        switch (place) {
            case TEXT -> {
                if (!rest.isEmpty() && (calls == 0 || !rest.toString().isBlank())) {
                    parts.add(new Part.Content(rest.toString()));
                }
            }
            case CALL -> parts.add(new Part.Content(ToolCalls.BEGIN + rest));
            case ARGUMENTS, TAIL -> {}
        }
        rest.setLength(0);
        return parts;
    }

    /** Whether it got any further. */
    private boolean step(List<Part> parts) {
        return switch (place) {
            case TEXT -> text(parts);
            case CALL -> enforced ? head(parts) : whole(parts);
            case ARGUMENTS -> arguments(parts);
            case TAIL -> {
                int end = rest.indexOf(ToolCalls.END);
                if (end >= 0) {
                    rest.delete(0, end + ToolCalls.END.length());
                    place = Place.TEXT;
                }
                yield end >= 0;
            }
        };
    }

    private boolean text(List<Part> parts) {
        int begin = rest.indexOf(ToolCalls.BEGIN);
        int end = begin >= 0 ? begin : rest.length() - begun();
        int content = end;
        while (content > 0 && Character.isWhitespace(rest.charAt(content - 1))) {
            content--;
        }
        if (content > 0) {
            parts.add(new Part.Content(rest.substring(0, content)));
            rest.delete(0, content);
        }
        if (begin >= 0) {
            rest.delete(0, begin - content + ToolCalls.BEGIN.length());
            place = Place.CALL;
        }
        return begin >= 0;
    }

    /** How much of the text's end may be the beginning of a call. */
    private int begun() {
        int longest = Math.min(ToolCalls.BEGIN.length() - 1, rest.length());
        for (int length = longest; length > 0; length--) {
            if (ToolCalls.BEGIN.startsWith(rest.substring(rest.length() - length))) {
                return length;
            }
        }
        return 0;
    }

    private boolean head(List<Part> parts) {
        Matcher head = HEAD.matcher(rest);
        if (!head.lookingAt()) {
            return false;
        }
        parts.add(new Part.Call(calls++, newId(), text(head.group(1))));
        rest.delete(0, head.end());
        arguments = new JsonEnd();
        place = Place.ARGUMENTS;
        return true;
    }

    private boolean arguments(List<Part> parts) {
        OptionalInt end = arguments.find(rest, 0);
        String json = rest.substring(0, end.orElse(rest.length()));
        if (!json.isEmpty()) {
            parts.add(new Part.Arguments(calls - 1, json));
            rest.delete(0, json.length());
        }
        if (end.isPresent()) {
            place = Place.TAIL;
        }
        return end.isPresent();
    }

    private boolean whole(List<Part> parts) {
        int begin = 0;
        while (begin < rest.length() && Character.isWhitespace(rest.charAt(begin))) {
            begin++;
        }
        if (begin == rest.length()) {
            return false;
        }
        OptionalInt end = rest.charAt(begin) == '{' ? new JsonEnd().find(rest, begin) : OptionalInt.of(begin);
        if (end.isEmpty()) {
            return false;
        }
        int behind = end.getAsInt();
        while (behind < rest.length() && Character.isWhitespace(rest.charAt(behind))) {
            behind++;
        }
        String tail = rest.substring(behind, Math.min(rest.length(), behind + ToolCalls.END.length()));
        if (tail.length() < ToolCalls.END.length() && ToolCalls.END.startsWith(tail)) {
            return false;
        }
        if (tail.equals(ToolCalls.END) && call(rest.substring(0, end.getAsInt()), parts)) {
            rest.delete(0, behind + tail.length());
        } else {
            parts.add(new Part.Content(ToolCalls.BEGIN + rest.substring(0, behind)));
            rest.delete(0, behind);
        }
        place = Place.TEXT;
        return true;
    }

    /** Whether that is a call. */
    private boolean call(String text, List<Part> parts) {
        try {
            JsonNode call = JSON.readTree(text);
            JsonNode given = call.path("arguments");
            String name = call.path("name").asText();
            boolean quoted =
                    given.isTextual() && JSON.readTree(given.textValue()).isObject();
            if (!names.contains(name) || !(given.isObject() || quoted)) {
                return false;
            }
            Matcher head = HEAD.matcher(text);
            String json = quoted
                    ? given.textValue()
                    : head.lookingAt() ? text.substring(head.end(), argumentsEnd(text, head.end())) : given.toString();
            parts.add(new Part.Call(calls, newId(), name));
            parts.add(new Part.Arguments(calls++, json));
            return true;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static int argumentsEnd(String text, int begin) {
        return new JsonEnd().find(text, begin).orElse(text.length());
    }

    private static String text(String json) {
        try {
            return JSON.readTree(json).asText();
        } catch (JsonProcessingException e) {
            return json;
        }
    }

    private static String newId() {
        return "call_" + UUID.randomUUID().toString().replace("-", "").substring(0, 24);
    }

    /** Finds where an object ends that comes in pieces. */
    private static final class JsonEnd {
        private int depth;
        private boolean string;
        private boolean escaped;

        /** Where the object that has begun, or begins at {@code from}, is over. */
        OptionalInt find(CharSequence text, int from) {
            for (int i = from; i < text.length(); i++) {
                char c = text.charAt(i);
                if (string) {
                    string = escaped || c != '"';
                    escaped = !escaped && c == '\\';
                } else if (c == '"') {
                    string = true;
                } else if (c == '{' || c == '[') {
                    depth++;
                } else if ((c == '}' || c == ']') && --depth == 0) {
                    return OptionalInt.of(i + 1);
                }
            }
            return OptionalInt.empty();
        }
    }
}
