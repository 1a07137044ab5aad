/**
 * From the files and rows that a command names to token ids and labels.
 *
 * <p>The flow: {@link io.lorikeet.trainer.dataset.DatasetLoader} opens each {@link io.lorikeet.trainer.dataset.DatasetRef}
 * as a {@link io.lorikeet.trainer.dataset.RowFile}, which unpacks it and reads it with the {@link
 * io.lorikeet.trainer.dataset.RowReader} of its format. Each row becomes a {@link io.lorikeet.trainer.dataset.DatasetRow}
 * ({@link io.lorikeet.trainer.dataset.RowForms} over {@link io.lorikeet.trainer.dataset.Fields}, {@link
 * io.lorikeet.trainer.dataset.Messages}, {@link io.lorikeet.trainer.dataset.Placeholders}). What is in a row and is not read
 * could change what is learned, and then the row is not trained on ({@link io.lorikeet.trainer.dataset.Meaning}), or is
 * counted ({@link io.lorikeet.trainer.dataset.LeftOver}). The conversations are sampled, split and shuffled ({@link
 * io.lorikeet.trainer.dataset.Sampling}); {@link io.lorikeet.trainer.dataset.ConversationEncoder} makes training examples of
 * them, masks what is not learned ({@link io.lorikeet.trainer.dataset.LossScale}) and drops what is too long. Whatever is
 * wrong is said with file and line ({@link io.lorikeet.trainer.dataset.DatasetException}, {@link
 * io.lorikeet.trainer.dataset.Dropped}).
 */
package io.lorikeet.trainer.dataset;
