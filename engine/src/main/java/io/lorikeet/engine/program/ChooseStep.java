package io.lorikeet.engine.program;

/**
 * The second half of a decode step some of whose rows may not say everything: the choice, for which the device needs to know
 * what they may.
 *
 * @param rows slots 0 … rows-1 get a token each
 */
record ChooseStep(int rows, StepFlags flags) {}
