package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Value.Dict;
import io.lorikeet.engine.jinja.Value.Function;
import io.lorikeet.engine.jinja.Value.Int;
import io.lorikeet.engine.jinja.Value.Namespace;
import io.lorikeet.engine.jinja.Value.Seq;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Jinja's global functions, and the two that transformers adds. */
final class Functions {
    /** As Jinja's sandbox. */
    private static final int MAX_RANGE = 100_000;

    /** Python's strftime, letter by letter, as Java spells it. */
    private static final Map<Character, String> DATE = Map.ofEntries(
            Map.entry('Y', "yyyy"),
            Map.entry('y', "yy"),
            Map.entry('m', "MM"),
            Map.entry('B', "MMMM"),
            Map.entry('b', "MMM"),
            Map.entry('d', "dd"),
            Map.entry('j', "DDD"),
            Map.entry('A', "EEEE"),
            Map.entry('a', "EEE"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"),
            Map.entry('p', "a"),
            Map.entry('F', "yyyy-MM-dd"),
            Map.entry('T', "HH:mm:ss"));

    static final Set<String> NAMES = Set.of("range", "namespace", "dict", "raise_exception", "strftime_now");

    private Functions() {}

    static Map<String, Value> all(Clock clock) {
        return Map.of(
                "range", new Function("range", Functions::range),
                "namespace", new Function("namespace", arguments -> Namespace.of(members(arguments))),
                "dict",
                        new Function("dict", arguments -> {
                            var dict = Value.dict();
                            members(arguments).forEach((name, value) -> dict.put(Text.literal(name), value));
                            return dict.build();
                        }),
                "raise_exception",
                        new Function("raise_exception", arguments -> {
                            throw new TemplateException(
                                    arguments.text(0, "message").chars());
                        }),
                "strftime_now",
                        new Function(
                                "strftime_now",
                                arguments -> Text.literal(
                                        strftime(arguments.text(0, "format").chars(), ZonedDateTime.now(clock)))));
    }

    private static Map<String, Value> members(Arguments arguments) {
        var members = new HashMap<String, Value>();
        if (!arguments.positional().isEmpty()) {
            if (!(arguments.positional().getFirst() instanceof Dict dict)) {
                throw new TemplateException("expected a dict to copy");
            }
            dict.entries().forEach((key, entry) -> members.put(key, entry.value()));
        }
        members.putAll(arguments.named());
        return members;
    }

    private static Value range(Arguments arguments) {
        List<Value> given = arguments.positional();
        if (given.isEmpty() || given.size() > 3) {
            throw new TemplateException("range needs one to three integers");
        }
        long start = given.size() == 1 ? 0 : Python.index(given.get(0));
        long stop = Python.index(given.get(given.size() == 1 ? 0 : 1));
        long step = given.size() < 3 ? 1 : Python.index(given.get(2));
        if (step == 0 || (stop - start) / step > MAX_RANGE) {
            throw new TemplateException("range: at most " + MAX_RANGE + " numbers, and no step of 0");
        }
        List<Value> out = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            out.add(Int.of(i));
        }
        return Seq.list(out);
    }

    private static String strftime(String format, ZonedDateTime now) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char letter = format.charAt(++i);
            if (letter == '%') {
                out.append('%');
            } else if (DATE.containsKey(letter)) {
                out.append(
                        DateTimeFormatter.ofPattern(DATE.get(letter), Locale.US).format(now));
            } else {
                throw new TemplateException("strftime_now: '%" + letter + "' is not supported in a chat template");
            }
        }
        return out.toString();
    }
}
