package io.lorikeet.engine.program;

/**
 * What a step has to do besides running the model: the static arguments that choose its variant. A flag that another row
 * makes necessary changes nothing in a row that does not need it.
 *
 * @param sampling whether any row has a temperature
 * @param truncate whether any row limits its choice by top-k, top-p or min-p
 * @param penalize whether any row has a penalty
 * @param logprobs whether any row wants its log-probabilities kept
 * @param constrain whether any row may not say everything; which tokens it may, {@link ServingProgram#allow} says
 */
public record StepFlags(boolean sampling, boolean truncate, boolean penalize, boolean logprobs, boolean constrain) {
    /** The likeliest token. */
    public static final StepFlags NONE = new StepFlags(false, false, false, false, false);

    /** A temperature. */
    static final StepFlags SAMPLING = new StepFlags(true, false, false, false, false);

    /** What is needed for both. */
    public StepFlags or(StepFlags other) {
        return new StepFlags(
                sampling || other.sampling,
                truncate || other.truncate,
                penalize || other.penalize,
                logprobs || other.logprobs,
                constrain || other.constrain);
    }
}
