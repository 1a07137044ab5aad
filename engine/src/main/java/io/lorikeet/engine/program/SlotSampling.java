package io.lorikeet.engine.program;

/**
 * How a cache slot's next token is chosen; the slot keeps it on the device.
 *
 * @param temperature 0: the likeliest token
 * @param topP 1: no limit
 * @param minP 0: no limit
 * @param topK at least 1; the vocabulary's size for no limit
 * @param repetitionPenalty 1: none
 * @param presencePenalty 0: none
 * @param frequencyPenalty 0: none
 */
public record SlotSampling(
        double temperature,
        double topP,
        double minP,
        int topK,
        double repetitionPenalty,
        double presencePenalty,
        double frequencyPenalty,
        long seed) {
    /** The likeliest token, always. */
    public static final SlotSampling GREEDY = new SlotSampling(0, 1, 0, 1, 1, 0, 0, 1);

    /** As {@code serving.torchscript} takes them. */
    double[] numbers() {
        return new double[] {temperature, topP, minP, repetitionPenalty, presencePenalty, frequencyPenalty};
    }
}
