package io.lorikeet.engine.program;

/**
 * Adapter slots in a row, {@code first} … {@code first + count - 1}.
 *
 * @param count 0: none
 */
record AdapterSlots(int first, int count) {
    static final AdapterSlots NONE = new AdapterSlots(0, 0);

    static AdapterSlots all(int slots) {
        return new AdapterSlots(0, slots);
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** These and another one, and what lies between. */
    AdapterSlots with(int slot) {
        int from = isEmpty() ? slot : Math.min(first, slot);
        int to = isEmpty() ? slot : Math.max(first + count - 1, slot);
        return new AdapterSlots(from, to - from + 1);
    }
}
