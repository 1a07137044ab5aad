package io.lorikeet.engine.model;

/**
 * Rank rows that follow each other, {@code first} … {@code first + count - 1}. An adapter of rank r has r of the device's.
 *
 * @param count 0: none
 */
public record RankRows(int first, int count) {
    public static final RankRows NONE = new RankRows(0, 0);

    /** Whether there are none. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** These and others, and what lies between. */
    public RankRows with(RankRows others) {
        if (isEmpty() || others.isEmpty()) {
            return isEmpty() ? others : this;
        }
        int from = Math.min(first, others.first);
        int to = Math.max(first + count, others.first + others.count);
        return new RankRows(from, to - from);
    }
}
