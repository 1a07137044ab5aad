package io.lorikeet.engine.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.grammar.NumberRange.Bound;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** A schema's bounds of numbers: the tighter one where it has both kinds. */
final class NumberBounds {
    private static final Comparator<Bound> BY_VALUE = Comparator.comparing(Bound::value);

    private NumberBounds() {}

    static Optional<Bound> low(JsonNode schema, String path) {
        return bounds(schema, path, "minimum", "exclusiveMinimum").max(BY_VALUE.thenComparing(Bound::open));
    }

    static Optional<Bound> high(JsonNode schema, String path) {
        return bounds(schema, path, "maximum", "exclusiveMaximum").min(BY_VALUE.thenComparing(bound -> !bound.open()));
    }

    private static Stream<Bound> bounds(JsonNode schema, String path, String closed, String open) {
        return Stream.of(closed, open).filter(schema::has).map(keyword -> {
            JsonNode value = schema.get(keyword);
            if (!value.isNumber()) {
                throw new SchemaException(JsonSchema.at(path, keyword), "is no number");
            }
            return new Bound(value.decimalValue(), keyword.equals(open));
        });
    }
}
