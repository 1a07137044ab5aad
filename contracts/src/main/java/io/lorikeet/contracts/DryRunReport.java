package io.lorikeet.contracts;

import java.util.List;

/**
 * What a run would do, found out without training.
 *
 * @param rows rows to train on
 * @param validationRows rows to validate with
 * @param rowsDropped rows that would not be trained on
 * @param dropped the first of those
 * @param tokenHistogram lengths of the rows to train on, in tokens
 * @param maxSteps optimiser steps of the run
 * @param rowsPerStep rows of an optimiser step
 * @param tokens tokens that go through the model in the whole run
 * @param supervisedTokens tokens of the whole run that are learned
 * @param longestRow tokens of the longest row
 * @param trainableParameters numbers that training changes
 * @param memory estimate
 * @param forbiddenWords answers of the training rows with a word that the command's acceptance questions forbid
 * @param warnings what the command asks for and this run cannot put to use, and what else a person should know
 */
public record DryRunReport(
        int rows,
        int validationRows,
        int rowsDropped,
        List<DroppedRow> dropped,
        List<LengthBucket> tokenHistogram,
        int maxSteps,
        int rowsPerStep,
        long tokens,
        long supervisedTokens,
        int longestRow,
        long trainableParameters,
        Memory memory,
        List<ForbiddenWord> forbiddenWords,
        List<String> warnings) {
    public DryRunReport {
        Checks.atLeast("rows", rows, 0);
        Checks.atLeast("max_steps", maxSteps, 0);
        dropped = Checks.list("dropped", dropped);
        tokenHistogram = Checks.list("token_histogram", tokenHistogram);
        Checks.present("memory", memory);
        forbiddenWords = Checks.list("forbidden_words", forbiddenWords);
        warnings = Checks.list("warnings", warnings);
    }

    /**
     * A row that is left out.
     *
     * @param row where it stands, {@code file:line}
     */
    public record DroppedRow(String row, String reason, int tokens) {}

    /** Rows of {@code from} to {@code to} tokens, both included. */
    public record LengthBucket(int from, int to, int rows) {}

    /**
     * Bytes on the device.
     *
     * @param weights of the base model
     * @param training trained parameters, gradients and both moments
     * @param activations of the largest pass
     * @param available free on the device now; null if it could not be told
     * @param maxTokensPerPass tokens of the largest pass
     * @param gradientCheckpointing whether activations are computed again instead of kept
     */
    public record Memory(
            long weights,
            long training,
            long activations,
            Long available,
            int maxTokensPerPass,
            boolean gradientCheckpointing) {
        /** All of it. */
        public long total() {
            return weights + training + activations;
        }

        /** Whether it fits, as far as that is known. */
        public boolean fits() {
            return available == null || total() <= available;
        }
    }

    /**
     * An answer in the data that trains what the acceptance forbids.
     *
     * @param question of the acceptance
     * @param word that its answer must not contain
     * @param row where the training answer stands
     * @param answer the training answer
     */
    public record ForbiddenWord(String question, String word, String row, String answer) {}
}
