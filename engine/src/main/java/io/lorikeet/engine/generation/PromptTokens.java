package io.lorikeet.engine.generation;

/**
 * A prompt as the model reads it.
 *
 * @param sharedPrefix tokens at its beginning that other prompts are likely to have too: the system turn
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PromptTokens(int[] ids, int sharedPrefix) {
    PromptTokens {
        if (sharedPrefix < 0 || sharedPrefix >= ids.length) {
            throw new IllegalArgumentException(
                    "sharedPrefix: expected less than the " + ids.length + " tokens, found " + sharedPrefix);
        }
    }

    /** A prompt that has nothing in common with others. */
    static PromptTokens of(int[] ids) {
        return new PromptTokens(ids, 0);
    }

    int length() {
        return ids.length;
    }
}
