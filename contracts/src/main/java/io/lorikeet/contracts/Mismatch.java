package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** JSON that is not what its message should be, in words that know the message and not the library that read it. */
final class Mismatch {
    private Mismatch() {}

    /** What a message of this type is called. */
    static String subject(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    /** Why a tree is no message of this type. */
    static ContractException told(Exception failure, Class<?> type) {
        var subject = subject(type);
        var path = failure instanceof JsonMappingException mapping ? path(mapping) : "";
        for (var cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ContractException broken) {
                return new ContractException(
                        subject,
                        broken.problems().stream()
                                .map(problem -> problem.under(path))
                                .toList());
            }
        }
        return new ContractException(
                subject,
                switch (failure) {
                    case InvalidTypeIdException e ->
                        new Problem(
                                Problem.path(path, "type"),
                                e.getTypeId() == null ? "is missing" : "is " + Shown.value(e.getTypeId()),
                                kinds(type));
                    case InvalidFormatException e ->
                        new Problem(
                                path,
                                "is " + Shown.value(String.valueOf(e.getValue())),
                                e.getTargetType() == null ? null : right(e.getTargetType()));
                    case MismatchedInputException e ->
                        new Problem(
                                path,
                                "is of another kind",
                                e.getTargetType() == null ? null : right(e.getTargetType()));
                    default -> new Problem(path, "cannot be read", null);
                });
    }

    private static String kinds(Class<?> type) {
        var kinds = type.getAnnotation(JsonSubTypes.class);
        return kinds == null
                ? null
                : "one of "
                        + Arrays.stream(kinds.value())
                                .map(JsonSubTypes.Type::name)
                                .collect(Collectors.joining(", "));
    }

    private static String right(Class<?> type) {
        if (type == String.class) {
            return "a text";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == Instant.class) {
            return "a time as 2026-01-02T03:04:05Z";
        }
        if (type == URI.class) {
            return "a URI";
        }
        return Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "an object";
    }

    private static String path(JsonMappingException e) {
        var path = "";
        for (var step : e.getPath()) {
            path = Problem.path(
                    path, step.getFieldName() == null ? "[" + step.getIndex() + "]" : Shown.name(step.getFieldName()));
        }
        return path;
    }
}
