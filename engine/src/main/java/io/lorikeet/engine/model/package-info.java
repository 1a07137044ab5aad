/**
 * What a decoder is: its {@link io.lorikeet.engine.model.Architecture} and numbers
 * ({@link io.lorikeet.engine.model.ModelConfig}), and its parts by name and shape
 * ({@link io.lorikeet.engine.model.DecoderLayout}): the linear modules ({@link io.lorikeet.engine.model.LinearModule}), how
 * they are stacked ({@link io.lorikeet.engine.model.LinearStack}), and where each tensor of a checkpoint lies in the program.
 * The ground floor: every other package of the engine may use it, and it uses none of them.
 */
package io.lorikeet.engine.model;
