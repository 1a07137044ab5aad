package io.lorikeet.contracts.settings;

/** What happens to a row that is longer than max_length. */
public enum TruncationStrategy {
    /** The row is dropped, counted and named. */
    DELETE,
    /** Tokens are cut off its beginning. */
    LEFT,
    /** Tokens are cut off its end. */
    RIGHT,
    /** The job fails. */
    RAISE
}
