package io.lorikeet.engine.tokenizer;

import java.util.Arrays;

/** A growing row of ints. */
final class IntList {
    private int[] values = new int[64];
    private int size;

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    void addAll(int[] more) {
        for (int value : more) {
            add(value);
        }
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
