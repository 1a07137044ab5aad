package io.lorikeet.engine.generation;

/**
 * What makes tokens less likely that were there before.
 *
 * @param repetition divides (or multiplies, if negative) the logits of tokens of prompt and answer; 1: none
 * @param presence is subtracted from the logits of tokens of the answer; 0: none
 * @param frequency the same, as often as a token has come; 0: none
 */
public record Penalties(double repetition, double presence, double frequency) {
    public static final Penalties NONE = new Penalties(1, 0, 0);

    public Penalties {
        SamplingParams.require(
                repetition > 0 && repetition <= 10,
                "repetition_penalty",
                "a number above 0 and at most 10",
                repetition);
        SamplingParams.require(presence >= -2 && presence <= 2, "presence_penalty", "a number from -2 to 2", presence);
        SamplingParams.require(
                frequency >= -2 && frequency <= 2, "frequency_penalty", "a number from -2 to 2", frequency);
    }
}
