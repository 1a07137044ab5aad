package io.lorikeet.engine.training;

/**
 * The model over rows that it is not trained on.
 *
 * @param loss cross entropy a supervised token
 * @param tokenAcc part of the supervised tokens that the model put first
 */
public record EvalResult(double loss, double tokenAcc, long supervisedTokens) {}
