package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The parameters of a request's JSON object, by name and type. A null is a parameter that was not given, as OpenAI has it. */
record Params(JsonNode object) {
    /** The value; empty if absent or null. */
    Optional<JsonNode> value(String name) {
        var value = object.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    Optional<String> text(String name) {
        return value(name).map(value -> {
            if (!value.isTextual()) {
                throw wrong(name, value, "a string");
            }
            return value.textValue();
        });
    }

    boolean flag(String name) {
        return value(name)
                .map(value -> {
                    if (!value.isBoolean()) {
                        throw wrong(name, value, "true or false");
                    }
                    return value.booleanValue();
                })
                .orElse(false);
    }

    OptionalDouble number(String name, double min, double max) {
        var value = value(name).orElse(null);
        if (value == null) {
            return OptionalDouble.empty();
        }
        // written so that NaN is out of range, too
        if (!value.isNumber() || !(value.doubleValue() >= min && value.doubleValue() <= max)) {
            throw wrong(name, value, "a number from " + min + " to " + max);
        }
        return OptionalDouble.of(value.doubleValue());
    }

    OptionalInt integer(String name, int min) {
        var value = value(name).orElse(null);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min) {
            throw wrong(name, value, "an integer of at least " + min);
        }
        return OptionalInt.of(value.intValue());
    }

    OptionalLong longInteger(String name) {
        var value = value(name).orElse(null);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, value, "an integer of 64 bits");
        }
        return OptionalLong.of(value.longValue());
    }

    static ApiException wrong(String name, JsonNode found, String expected) {
        return ApiException.badValue(name, name + " must be " + expected + ", is " + found);
    }
}
