package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Value.Bool;
import io.lorikeet.engine.jinja.Value.Dict;
import io.lorikeet.engine.jinja.Value.Int;
import io.lorikeet.engine.jinja.Value.None;
import io.lorikeet.engine.jinja.Value.Seq;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** The methods of Python's strings, dicts and lists that change nothing; transformers' sandbox allows no others. */
final class Methods {
    private interface Method<T extends Value> {
        Value of(T self, Arguments arguments);
    }

    private static final Map<String, Method<Text>> TEXT = Map.ofEntries(
            Map.entry("strip", (self, arguments) -> strip(self, arguments, true, true)),
            Map.entry("lstrip", (self, arguments) -> strip(self, arguments, true, false)),
            Map.entry("rstrip", (self, arguments) -> strip(self, arguments, false, true)),
            Map.entry("split", (self, arguments) -> split(self, arguments, false)),
            Map.entry("rsplit", (self, arguments) -> split(self, arguments, true)),
            Map.entry("splitlines", (self, arguments) -> Seq.list(lines(self, arguments.flag(0, "keepends")))),
            Map.entry("startswith", (self, arguments) -> Bool.of(any(arguments, self.chars()::startsWith))),
            Map.entry("endswith", (self, arguments) -> Bool.of(any(arguments, self.chars()::endsWith))),
            Map.entry("upper", (self, _) -> self.withChars(self.chars().toUpperCase(Locale.ROOT))),
            Map.entry("lower", (self, _) -> self.withChars(self.chars().toLowerCase(Locale.ROOT))),
            Map.entry("title", (self, _) -> self.withChars(title(self.chars()))),
            Map.entry("capitalize", (self, _) -> self.withChars(capitalize(self.chars()))),
            Map.entry(
                    "find",
                    (self, arguments) -> find(
                            self, self.chars().indexOf(arguments.text(0, "sub").chars()))),
            Map.entry(
                    "rfind",
                    (self, arguments) -> find(
                            self,
                            self.chars().lastIndexOf(arguments.text(0, "sub").chars()))),
            Map.entry(
                    "count",
                    (self, arguments) ->
                            Int.of(parts(self, arguments.text(0, "sub"), -1).size() - 1L)),
            Map.entry("join", (self, arguments) -> join(self, Python.iterate(arguments.need(0, "iterable")))),
            Map.entry(
                    "replace",
                    (self, arguments) -> replace(
                            self,
                            arguments.text(0, "old"),
                            arguments.text(1, "new"),
                            arguments.integer(2, "count", -1))),
            Map.entry(
                    "removeprefix",
                    (self, arguments) ->
                            removePrefix(self, arguments.text(0, "prefix").chars())),
            Map.entry(
                    "removesuffix",
                    (self, arguments) ->
                            removeSuffix(self, arguments.text(0, "suffix").chars())),
            Map.entry("isdigit", (self, _) -> Bool.of(all(self, Character::isDigit))),
            Map.entry("isalpha", (self, _) -> Bool.of(all(self, Character::isLetter))),
            Map.entry("isalnum", (self, _) -> Bool.of(all(self, Character::isLetterOrDigit))),
            Map.entry("isspace", (self, _) -> Bool.of(all(self, Python::isSpace))),
            Map.entry("isupper", (self, _) -> Bool.of(Tests.apply("upper", self, Arguments.NONE))),
            Map.entry("islower", (self, _) -> Bool.of(Tests.apply("lower", self, Arguments.NONE))));

    private static final Map<String, Method<Dict>> DICT = Map.of(
            "items", (self, _) -> Seq.list(items(self)),
            "keys", (self, _) -> Seq.list(Python.iterate(self)),
            "values",
                    (self, _) -> Seq.list(self.entries().values().stream()
                            .map(Dict.Entry::value)
                            .toList()),
            "get",
                    (self, arguments) -> {
                        Value value = arguments.need(0, "key") instanceof Text key ? self.get(key.chars()) : null;
                        return value == null ? arguments.get(1, "default", None.NONE) : value;
                    });

    private static final Map<String, Method<Seq>> SEQ = Map.of(
            "count",
                    (self, arguments) -> Int.of(self.items().stream()
                            .filter(item -> Python.equal(item, arguments.need(0, "value")))
                            .count()),
            "index",
                    (self, arguments) -> {
                        for (int i = 0; i < self.items().size(); i++) {
                            if (Python.equal(self.items().get(i), arguments.need(0, "value"))) {
                                return Int.of(i);
                            }
                        }
                        throw new TemplateException("index: the list has no such item");
                    });

    private static final Map<String, Method<Value.Loop>> LOOP = Map.of("cycle", (self, arguments) -> arguments
            .positional()
            .get(self.index() % arguments.positional().size()));

    /** Everything that a template may call on an object. */
    static final Set<String> NAMES = names();

    private Methods() {}

    private static Set<String> names() {
        var all = new java.util.HashSet<String>();
        List.of(TEXT, DICT, SEQ, LOOP).forEach(map -> all.addAll(map.keySet()));
        return Set.copyOf(all);
    }

    /** A method with its object, or null if it has none of this name. */
    static Value.Function bound(Value self, String name) {
        return switch (self) {
            case Text text -> bound(TEXT.get(name), text, name);
            case Dict dict -> bound(DICT.get(name), dict, name);
            case Seq seq -> bound(SEQ.get(name), seq, name);
            case Value.Loop loop -> bound(LOOP.get(name), loop, name);
            case None _, Bool _, Int _, Value.Real _, Value.Namespace _, Value.Function _, Value.Undefined _ -> null;
        };
    }

    private static <T extends Value> Value.Function bound(Method<T> method, T self, String name) {
        return method == null ? null : new Value.Function(name, arguments -> method.of(self, arguments));
    }

    /** Pairs of a dict's keys and values. */
    static List<Value> items(Dict dict) {
        return dict.entries().values().stream()
                .<Value>map(entry -> new Seq(List.of(entry.key(), entry.value()), true))
                .toList();
    }

    static Text strip(Text self, Arguments arguments, boolean left, boolean right) {
        IntPredicate gone = Python::isSpace;
        if (!arguments.lacks(0, "chars")) {
            String chars = arguments.text(0, "chars").chars();
            gone = c -> chars.indexOf(c) >= 0;
        }
        int start = left ? Python.trimmedStart(self.chars(), gone) : 0;
        int end = right ? Python.trimmedEnd(self.chars(), gone) : self.chars().length();
        return self.slice(start, Math.max(start, end));
    }

    private static Value split(Text self, Arguments arguments, boolean fromRight) {
        int most = arguments.integer(1, "maxsplit", -1);
        if (arguments.lacks(0, "sep")) {
            if (most >= 0) {
                throw new TemplateException("split at spaces with a limit is not supported in a chat template");
            }
            return Seq.list(words(self));
        }
        Text separator = arguments.text(0, "sep");
        if (!fromRight || most < 0) {
            return Seq.list(List.copyOf(parts(self, separator, most)));
        }
        List<Value> parts = new ArrayList<>();
        int end = self.chars().length();
        for (int i = 0; i < most; i++) {
            int at = end < separator.chars().length()
                    ? -1
                    : self.chars()
                            .lastIndexOf(
                                    separator.chars(), end - separator.chars().length());
            if (at < 0) {
                break;
            }
            parts.addFirst(self.slice(at + separator.chars().length(), end));
            end = at;
        }
        parts.addFirst(self.slice(0, end));
        return Seq.list(parts);
    }

    private static List<Value> words(Text self) {
        List<Value> words = new ArrayList<>();
        String chars = self.chars();
        int begin = -1;
        for (int i = 0; i <= chars.length(); i++) {
            boolean space = i == chars.length() || Python.isSpace(chars.charAt(i));
            if (space && begin >= 0) {
                words.add(self.slice(begin, i));
                begin = -1;
            } else if (!space && begin < 0) {
                begin = i;
            }
        }
        return words;
    }

    private static List<Text> parts(Text self, Text separator, int most) {
        if (separator.isEmpty()) {
            throw new TemplateException("an empty string separates nothing");
        }
        List<Text> parts = new ArrayList<>();
        String chars = self.chars();
        int done = 0;
        for (int at = chars.indexOf(separator.chars());
                at >= 0 && (most < 0 || parts.size() < most);
                at = chars.indexOf(separator.chars(), done)) {
            parts.add(self.slice(done, at));
            done = at + separator.chars().length();
        }
        parts.add(self.slice(done, chars.length()));
        return parts;
    }

    static List<Value> lines(Text self, boolean keepEnds) {
        List<Value> lines = new ArrayList<>();
        String chars = self.chars();
        int begin = 0;
        for (int i = 0; i < chars.length(); i++) {
            char c = chars.charAt(i);
            if ((c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029) {
                int end = c == '\r' && i + 1 < chars.length() && chars.charAt(i + 1) == '\n' ? i + 2 : i + 1;
                lines.add(self.slice(begin, keepEnds ? end : i));
                begin = end;
                i = end - 1;
            }
        }
        if (begin < chars.length()) {
            lines.add(self.slice(begin, chars.length()));
        }
        return lines;
    }

    static Text join(Text separator, List<Value> items) {
        var out = new Text.Builder();
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                out.append(separator);
            }
            out.append(Python.text(items.get(i)));
        }
        return out.build();
    }

    static Text replace(Text self, Text old, Text replacement, int count) {
        if (old.isEmpty()) {
            throw new TemplateException("replacing an empty string is not supported in a chat template");
        }
        return join(replacement, List.copyOf(parts(self, old, count)));
    }

    private static Text removePrefix(Text self, String prefix) {
        return self.chars().startsWith(prefix)
                ? self.slice(prefix.length(), self.chars().length())
                : self;
    }

    private static Text removeSuffix(Text self, String suffix) {
        return self.chars().endsWith(suffix) ? self.slice(0, self.chars().length() - suffix.length()) : self;
    }

    private interface Question {
        boolean of(String text);
    }

    /** A string, or any of a tuple of strings. */
    private static boolean any(Arguments arguments, Question question) {
        return arguments.need(0, "prefix") instanceof Seq(var items, var _)
                ? items.stream().anyMatch(item -> question.of(Python.text(item).chars()))
                : question.of(arguments.text(0, "prefix").chars());
    }

    private static Value find(Text self, int at) {
        return Int.of(at < 0 ? -1 : self.chars().codePointCount(0, at));
    }

    private static boolean all(Text self, IntPredicate of) {
        return !self.isEmpty() && self.chars().codePoints().allMatch(of);
    }

    static String capitalize(String chars) {
        if (chars.isEmpty()) {
            return chars;
        }
        int first = Character.charCount(chars.codePointAt(0));
        return chars.substring(0, first).toUpperCase(Locale.ROOT)
                + chars.substring(first).toLowerCase(Locale.ROOT);
    }

    /** Letters after anything that is no letter are large, all others small. */
    private static String title(String chars) {
        StringBuilder out = new StringBuilder(chars.length());
        boolean inWord = false;
        for (int c : chars.codePoints().toArray()) {
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }
}
