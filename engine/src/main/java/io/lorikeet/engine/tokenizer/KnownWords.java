package io.lorikeet.engine.tokenizer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Words and their tokens, found by their characters in a text without making a string of them. It takes words until it is full:
 * those of a language that are used most are among the first. Safe for use by several threads.
 */
final class KnownWords {
    private static final int SLOTS = 1 << 17;
    private static final int MOST = SLOTS / 2;
    /** Longer ones, in characters, hardly come again. */
    static final int LONGEST = 32;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Word(String text, int[] ids) {}

    private final AtomicReferenceArray<Word> slots = new AtomicReferenceArray<>(SLOTS);
    private final AtomicInteger size = new AtomicInteger();

    /** The tokens of a word, which are not to be changed; null if it is not known. */
    int[] find(String text, int from, int to) {
        for (int slot = hash(text, from, to); ; slot = (slot + 1) & (SLOTS - 1)) {
            Word word = slots.get(slot);
            if (word == null) {
                return null;
            }
            if (word.text.length() == to - from && text.startsWith(word.text, from)) {
                return word.ids;
            }
        }
    }

    void add(String word, int[] ids) {
        if (word.length() > LONGEST || size.get() >= MOST) {
            return;
        }
        var added = new Word(word, ids);
        for (int slot = hash(word, 0, word.length()); ; slot = (slot + 1) & (SLOTS - 1)) {
            if (slots.compareAndSet(slot, null, added)) {
                size.incrementAndGet();
                return;
            }
            if (slots.get(slot).text.equals(word)) {
                return;
            }
        }
    }

    private static int hash(String text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        hash *= 0x9E3779B9;
        return (hash ^ (hash >>> 15)) & (SLOTS - 1);
    }
}
