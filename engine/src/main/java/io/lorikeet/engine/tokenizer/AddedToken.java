package io.lorikeet.engine.tokenizer;

/**
 * A token beside the vocabulary, found in a text as it stands before the text is tokenised.
 *
 * @param special whether it controls the model, as {@code <|im_end|>}, and is no part of an answer
 */
record AddedToken(int id, String content, boolean special) {}
