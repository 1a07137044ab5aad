package io.lorikeet.trainer.retention;

import java.time.Duration;
import java.time.format.DateTimeParseException;

/**
 * How long things are kept.
 *
 * @param versions of each adapter so many of the newest that were promoted, whatever their age: what can be rolled back to
 * @param checkpoints so long after a job's end all of its checkpoints, later the best and the last one
 * @param runs so long after a job's end its run's folder and a version that was not promoted
 * @param jobs so long after a job's end what is known of it; then its id is free
 */
public record Retention(int versions, Duration checkpoints, Duration runs, Duration jobs) {
    /** Commands are on their topic for 30 days and events for 90; a command that comes again must find its job. */
    private static final Duration SHORTEST_JOBS = Duration.ofDays(90);

    public static final Retention DEFAULT =
            new Retention(5, Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(365));

    /** @throws IllegalArgumentException naming the setting, if one makes no sense */
    public Retention {
        if (versions < 1) {
            throw new IllegalArgumentException(
                    "lorikeet.retention.versions: is %d; at least 1, the one that is served".formatted(versions));
        }
        notNegative("checkpoints", checkpoints);
        notNegative("runs", runs);
        if (jobs.compareTo(SHORTEST_JOBS) < 0 || jobs.compareTo(runs) < 0) {
            throw new IllegalArgumentException(
                    "lorikeet.retention.jobs: is %d days; at least %d, as long as events are on their topic, and not less than lorikeet.retention.runs: a command that comes again has to find its job"
                            .formatted(jobs.toDays(), SHORTEST_JOBS.toDays()));
        }
    }

    /**
     * Reads {@code 30d}, {@code 12h} or what {@link Duration#parse} does.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    public static Duration time(String text) {
        try {
            if (text.matches("\\d+d")) {
                return Duration.ofDays(Long.parseLong(text.substring(0, text.length() - 1)));
            }
            return Duration.parse(text.matches("\\d+[hms]") ? "PT" + text : text);
        } catch (DateTimeParseException | ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("'%s' is no time; 30d and 12h are".formatted(text), e);
        }
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    "lorikeet.retention.%s: is %s; a time that has passed since a job's end cannot be negative"
                            .formatted(name, value));
        }
    }
}
