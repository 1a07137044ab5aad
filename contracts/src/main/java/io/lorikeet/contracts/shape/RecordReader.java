package io.lorikeet.contracts.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads one message strictly and collects everything that is wrong with it. */
public final class RecordReader {
    private final String subject;
    private final List<Problem> problems = new ArrayList<>();
    private int found;

    /** Reads one message; {@code subject} says what it is. */
    public RecordReader(String subject) {
        this.subject = subject;
    }

    /** Adds a problem found elsewhere in the same message. */
    public void problem(Problem problem) {
        if (problems.size() < ContractException.MOST_PROBLEMS) {
            problems.add(problem);
        }
        found++;
    }

    /**
     * Reads a record.
     *
     * @param envelope names beside the record's own that the caller has read already
     * @throws ContractException with all problems
     */
    public <R extends Record> R read(RecordShape<R> shape, ObjectNode json, Set<String> envelope) {
        var read = read(shape, json, envelope, "");
        if (!problems.isEmpty()) {
            throw new ContractException(subject, problems, found);
        }
        return read;
    }

    /** Null if it reported problems. */
    <R extends Record> R read(RecordShape<R> shape, ObjectNode json, Set<String> envelope, String path) {
        var known = new HashSet<>(envelope);
        for (var field : shape.fields()) {
            known.add(field.name());
            known.addAll(field.aliases());
        }
        json.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                problem(new Problem(Problem.path(path, Shown.name(name)), "unknown field" + hint(name, known), null));
            }
        });
        return build(shape, json, path);
    }

    private String hint(String name, Set<String> known) {
        // of what will not be told nobody needs a guess
        return problems.size() == ContractException.MOST_PROBLEMS
                ? ""
                : NearestName.of(name, known)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
    }

    private <R extends Record> R build(RecordShape<R> shape, ObjectNode json, String path) {
        int before = found;
        var values = new ArrayList<Object>();
        for (var member : shape.members()) {
            values.add(
                    switch (member) {
                        case Field field -> value(field, json, path);
                        case RecordShape<?> group -> build(group, json, path);
                    });
        }
        if (found > before) {
            return null;
        }
        try {
            return shape.create(values);
        } catch (ContractException e) {
            e.problems().forEach(problem -> problem(problem.under(path)));
            return null;
        }
    }

    private Object value(Field field, ObjectNode json, String path) {
        JsonNode found = json.get(field.name());
        var name = field.name();
        for (var alias : field.aliases()) {
            if (json.has(alias)) {
                if (found != null) {
                    problem(new Problem(Problem.path(path, alias), "given beside " + name, "one of the two"));
                }
                found = json.get(alias);
                name = alias;
            }
        }
        var at = Problem.path(path, name);
        if (found == null && field.setting().required()) {
            problem(new Problem(at, "is missing", field.type().expected()));
            return null;
        }
        if (found == null || (found.isNull() && field.nullable())) {
            var byDefault = field.defaultJson();
            return byDefault == null ? null : field.type().read(byDefault, at, this);
        }
        return field.type().read(found, at, this);
    }
}
