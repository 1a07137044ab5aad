package io.lorikeet.engine.program;

/**
 * What quantising a weight does to its products.
 *
 * @param weight its name: {@code layers.3.down_proj}, {@code lm_head}
 * @param error |quantised - as it was| / |as it was| of the product of one token, the largest over a text
 * @param quantized false: the error is too large, and the weight is served as it was
 */
public record QuantizationError(String weight, float error, boolean quantized) {}
