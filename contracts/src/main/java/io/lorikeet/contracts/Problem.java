package io.lorikeet.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;

/**
 * One thing that is wrong with a message.
 *
 * @param field where, as a path: {@code lora_rank}, {@code acceptance[1].question}; empty for the whole message
 * @param problem what is wrong
 * @param expected what would be right; null if {@code problem} says it already
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(String field, String problem, String expected) {
    public Problem {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(problem, "problem");
    }

    /** The same problem seen from the message that holds {@code parent}. */
    public Problem under(String parent) {
        return parent.isEmpty() ? this : new Problem(path(parent, field), problem, expected);
    }

    /** A place below another one; either may be empty. */
    public static String path(String parent, String name) {
        return parent.isEmpty() || name.isEmpty() || name.startsWith("[") ? parent + name : parent + "." + name;
    }

    @Override
    public String toString() {
        var where = field.isEmpty() ? "" : field + ": ";
        return where + problem + (expected == null ? "" : "; expected " + expected);
    }
}
