package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.trainer.dataset.Fields.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What becomes of keys that nobody reads. One that could change what is learned makes its row one that cannot be trained on;
 * any other is counted, so that it is not passed over in silence.
 */
final class LeftOver {
    private static final int NAMED = 30;
    private static final int LONGEST = 60;

    private final Map<String, Meaning> meanings = new HashMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();

    /** @throws RowException if this field of a row or of a message could change what is learned */
    void refuse(Field field) throws RowException {
        Meaning meaning = meanings.computeIfAbsent(Fields.normal(field.name()), Meaning::of);
        boolean harmless =
                switch (meaning) {
                    case NONE, REQUEST -> true;
                    case MASK -> isTrue(field.value());
                    case LABEL -> !field.value().isBoolean() || field.value().booleanValue();
                    case TOOLS, THOUGHT, PREFERENCE, MEDIA, ROLE, TEMPLATE, QUESTION -> false;
                };
        if (!harmless) {
            throw new RowException(
                    "field '%s' is not supported: %s; columns can give a key another name, or leave it out"
                            .formatted(field.name(), meaning.why()));
        }
    }

    private static boolean isTrue(JsonNode value) {
        return value.isBoolean() ? value.booleanValue() : value.asDouble(0) == 1;
    }

    /** Keys of a row that was read. */
    void count(Iterable<String> keys) {
        keys.forEach(key -> counts.merge(key, 1, Integer::sum));
    }

    /** In one line, if there were any. */
    Optional<String> described() {
        if (counts.isEmpty()) {
            return Optional.empty();
        }
        String named = counts.entrySet().stream()
                .limit(NAMED)
                .map(key -> "%s (%d rows)".formatted(shortened(key.getKey()), key.getValue()))
                .collect(Collectors.joining(", "));
        String more = counts.size() > NAMED ? " and " + (counts.size() - NAMED) + " more" : "";
        return Optional.of("keys that say nothing to training were left out: " + named + more);
    }

    private static String shortened(String key) {
        return key.length() <= LONGEST ? key : key.substring(0, LONGEST) + "…";
    }
}
