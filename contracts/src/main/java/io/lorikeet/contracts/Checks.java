package io.lorikeet.contracts;

import java.util.List;

/** What every part of a message is checked for before it is believed; {@code field} is its name in JSON. */
final class Checks {
    private Checks() {}

    static void present(String field, Object value) {
        if (value == null) {
            throw broken(field, "is missing", null);
        }
    }

    /** A text that is there and matches. */
    static void matches(String field, String value, String pattern) {
        present(field, value);
        if (!value.matches(pattern)) {
            throw broken(field, "is " + Shown.value(value), "a text that matches " + pattern);
        }
    }

    static void atLeast(String field, long value, long least) {
        if (value < least) {
            throw broken(field, "is " + value, "at least " + least);
        }
    }

    /** Neither below 0 nor not a number. */
    static void notNegative(String field, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw broken(field, "is " + value, "at least 0");
        }
    }

    /** A part of a whole. */
    static void share(String field, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw broken(field, "is " + value, "from 0 to 1");
        }
    }

    static void above(String field, double value, double bound) {
        if (!(value > bound)) {
            throw broken(field, "is " + value, "above " + bound);
        }
    }

    static void same(String field, String value, String expected) {
        if (!value.equals(expected)) {
            throw broken(field, "is " + value, expected);
        }
    }

    static void finite(String field, double value) {
        if (!Double.isFinite(value)) {
            throw broken(field, "is " + value, "a finite number");
        }
    }

    /** A list that is there, with nothing missing in it; a copy. */
    static <T> List<T> list(String field, List<T> list) {
        present(field, list);
        for (int i = 0; i < list.size(); i++) {
            present(field + "[" + i + "]", list.get(i));
        }
        return List.copyOf(list);
    }

    /** What every event of a job has. */
    static void event(String jobId, String adapter, Object time) {
        matches("job_id", jobId, TrainCommand.JOB_ID);
        matches("adapter", adapter, TrainCommand.ADAPTER);
        present("time", time);
    }

    private static ContractException broken(String field, String problem, String expected) {
        return new ContractException("message", new Problem(field, problem, expected));
    }
}
