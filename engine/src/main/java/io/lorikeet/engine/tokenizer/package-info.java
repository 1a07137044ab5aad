/**
 * Text to tokens and back. {@link io.lorikeet.engine.tokenizer.Qwen2Tokenizer} encodes and decodes;
 * {@link io.lorikeet.engine.tokenizer.ChatTemplate} lays a {@link io.lorikeet.engine.tokenizer.Conversation} of
 * {@link io.lorikeet.engine.tokenizer.ChatMessage}s out as the model's own template does, for an answer or for training
 * ({@link io.lorikeet.engine.tokenizer.EncodedConversation}); {@link io.lorikeet.engine.tokenizer.TokenTextStream} turns the
 * tokens of an answer into text as they come.
 */
package io.lorikeet.engine.tokenizer;
