package io.lorikeet.trainer.dataset;

/**
 * A row that is not trained on.
 *
 * @param tokens its length; null if it could not be read
 * @param why for a person
 */
public record Dropped(RowSource source, Integer tokens, Reason reason, String why) {
    /** Why a row is not trained on. */
    public enum Reason {
        /** It cannot be read as a conversation. */
        MALFORMED,
        /** It is longer than the limit. */
        MAX_LENGTH,
        /** It is longer than the limit, and the job wants no row to be so. */
        REFUSED_LENGTH,
        /** The model's template cannot lay it out, and the job wants no row left out. */
        REFUSED,
        /** It was cut to the limit, and nothing to learn was left. */
        NO_ANSWER_LEFT,
        /** None of its answers is to be learned. */
        NOTHING_TO_LEARN
    }

    static Dropped malformed(RowSource source, String why) {
        return new Dropped(source, null, Reason.MALFORMED, why);
    }

    /** Whether the job does not want to go on without it. */
    boolean refuses() {
        return reason == Reason.REFUSED_LENGTH || reason == Reason.REFUSED;
    }

    @Override
    public String toString() {
        if (refuses()) {
            return tokens == null
                    ? "%s: %s".formatted(source, why)
                    : "%s: has %d tokens, %s".formatted(source, tokens, why);
        }
        return tokens == null ? "%s (%s)".formatted(source, why) : "%s (%d tokens, %s)".formatted(source, tokens, why);
    }
}
