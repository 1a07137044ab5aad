/**
 * Models as files for llama.cpp and what is built on it: {@link io.lorikeet.engine.gguf.GgufModel} names tensors and numbers as
 * it does, {@link io.lorikeet.engine.gguf.GgufVocabulary} the tokens, {@link io.lorikeet.engine.gguf.GgufWriter} is the format.
 */
package io.lorikeet.engine.gguf;
