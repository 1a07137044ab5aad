package io.lorikeet.engine.program;

/**
 * What a step kept of its log-probabilities, float32 [rows, 1 + 2·k]: of the chosen token, of the k likeliest, the ids of
 * these. They are the model's own, before penalties and temperature.
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record KeptLogprobs(float[] values, int rows) {
    /** Of the token that was chosen. */
    public float chosen(int row) {
        return values[row * width()];
    }

    /** How many of the likeliest tokens there are. */
    public int count() {
        return (width() - 1) / 2;
    }

    /** Of the likeliest token number {@code rank}, from 0. */
    public float likeliest(int row, int rank) {
        return values[row * width() + 1 + rank];
    }

    /** The id of the likeliest token number {@code rank}, from 0. */
    public int likeliestToken(int row, int rank) {
        return (int) values[row * width() + 1 + count() + rank];
    }

    private int width() {
        return values.length / rows;
    }
}
