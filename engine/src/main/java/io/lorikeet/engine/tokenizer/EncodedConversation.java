package io.lorikeet.engine.tokenizer;

/** A conversation as tokens, with the labels to train on it: unshifted, one a token, as Hugging Face has them. */
public final class EncodedConversation {
    private final int[] inputIds;
    private final int[] labels;

    EncodedConversation(int[] inputIds, int[] labels) {
        this.inputIds = inputIds;
        this.labels = labels;
    }

    public int[] inputIds() {
        return inputIds.clone();
    }

    /** The token itself where it is learned, else {@link ChatTemplate#IGNORED_LABEL}. */
    public int[] labels() {
        return labels.clone();
    }

    public int length() {
        return inputIds.length;
    }
}
