package io.lorikeet.engine.generation;

import java.util.Optional;

/**
 * The next token of a sequence, as the model chose it.
 *
 * @param logprobs if the sequence asks for them
 */
record SampledToken(int id, Optional<TokenLogprobs> logprobs) {}
