package io.lorikeet.engine.generation;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.OptionalInt;

/**
 * Which prompt prefixes have their keys and values kept on the device, so that a system prompt that many requests share is
 * run once. A prefix belongs to the activation of an adapter version that ran it and is found by no other. The least
 * recently used one makes room.
 */
final class PrefixCache {
    /** Shorter ones are run faster than they are found. */
    private static final int MIN_TOKENS = 16;

    private final int maxTokens;
    private final LinkedHashMap<Key, Integer> places;
    private long queriedTokens;
    private long hitTokens;

    /** @param owner {@link ServedVersion#id}, or {@link #BASE} */
    private record Key(long owner, IntBuffer tokens) {}

    /** Owner of the base model's prefixes. */
    static final long BASE = 0;

    /**
     * @param count prefixes that there is room for; 0: none is kept
     * @param maxTokens of each
     */
    PrefixCache(int count, int maxTokens) {
        this.maxTokens = count == 0 ? 0 : maxTokens;
        this.places = LinkedHashMap.newLinkedHashMap(count);
        for (int place = 0; place < count; place++) {
            // every place is taken, at first by a prefix that no prompt has
            places.put(nobody(place), place);
        }
    }

    private static Key nobody(int place) {
        return new Key(-1 - place, IntBuffer.allocate(0));
    }

    /** How much of a prompt's shared beginning is worth keeping; where it ends, a chunk must end too. */
    int length(PromptTokens prompt) {
        int length = Math.min(prompt.sharedPrefix(), maxTokens);
        return length < MIN_TOKENS ? 0 : length;
    }

    /** Where the first {@code length} tokens are kept. */
    OptionalInt find(long owner, PromptTokens prompt, int length) {
        queriedTokens += length;
        Key key = key(owner, prompt, length);
        Integer place = places.remove(key);
        if (place == null) {
            return OptionalInt.empty();
        }
        hitTokens += length;
        places.put(key, place);
        return OptionalInt.of(place);
    }

    /** Where to keep the first {@code length} tokens from now on; empty if they are kept already. */
    OptionalInt add(long owner, PromptTokens prompt, int length) {
        Key key = key(owner, prompt, length);
        if (places.containsKey(key)) {
            return OptionalInt.empty();
        }
        int place = places.remove(places.keySet().iterator().next());
        places.put(key, place);
        return OptionalInt.of(place);
    }

    /** Forgets the first {@code length} tokens, whose place is the next to be used. */
    void remove(long owner, PromptTokens prompt, int length) {
        Integer place = places.remove(key(owner, prompt, length));
        if (place != null) {
            places.putFirst(nobody(place), place);
        }
    }

    /** Tokens of prompts that were looked for. */
    long queriedTokens() {
        return queriedTokens;
    }

    /** Tokens of prompts that were found, and not run again. */
    long hitTokens() {
        return hitTokens;
    }

    private static Key key(long owner, PromptTokens prompt, int length) {
        return new Key(owner, IntBuffer.wrap(Arrays.copyOf(prompt.ids(), length)));
    }
}
