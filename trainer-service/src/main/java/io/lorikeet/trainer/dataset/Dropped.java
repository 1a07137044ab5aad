package io.lorikeet.trainer.dataset;

import java.util.OptionalInt;

/**
 * A row that is not trained on.
 *
 * @param tokens its length; empty if it could not be read
 * @param why for a person
 */
public record Dropped(RowSource source, OptionalInt tokens, Reason reason, String why) {
    /** Why a row is not trained on. */
    public enum Reason {
        /** It cannot be read as a conversation. */
        MALFORMED,
        /** It is longer than the limit. */
        MAX_LENGTH,
        /** It is longer than the limit, and the job wants no row to be so. */
        REFUSED_LENGTH,
        /** It was cut to the limit, and nothing to learn was left. */
        NO_ANSWER_LEFT,
        /** None of its answers is to be learned. */
        NOTHING_TO_LEARN
    }

    static Dropped malformed(RowSource source, String why) {
        return new Dropped(source, OptionalInt.empty(), Reason.MALFORMED, why);
    }

    @Override
    public String toString() {
        return tokens.isPresent()
                ? "%s (%d tokens, %s)".formatted(source, tokens.getAsInt(), why)
                : "%s (%s)".formatted(source, why);
    }
}
