/**
 * Makes a small base model from a corpus. {@link io.lorikeet.pretraining.PrepareMain} reads a recipe's {@link
 * io.lorikeet.pretraining.Corpus}, trains its tokenizer ({@link io.lorikeet.pretraining.Qwen2PreTokenizer}, {@link
 * io.lorikeet.pretraining.BpeTrainer}, {@link io.lorikeet.pretraining.TokenizerFiles}), writes the first weights, and lays
 * the rows out as conversations ({@link io.lorikeet.pretraining.Conversations}) in all the ways in which a person may
 * type them ({@link io.lorikeet.pretraining.Spellings}). The trainer does the rest, as it does any job with train_type
 * full. {@link io.lorikeet.pretraining.RecallMain} asks the result everything it should know.
 */
package io.lorikeet.pretraining;
