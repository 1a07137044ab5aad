/**
 * From the files and rows that a command names to token ids and labels.
 *
 * <p>The flow: {@link io.lorikeet.trainer.dataset.DatasetLoader} reads each {@link
 * io.lorikeet.trainer.dataset.DatasetRef} with the {@link io.lorikeet.trainer.dataset.RowReader} of its format, turns
 * each row into a {@link io.lorikeet.trainer.dataset.Conversation} ({@link io.lorikeet.trainer.dataset.RowForms}, {@link
 * io.lorikeet.trainer.dataset.Placeholders}), samples, splits and shuffles ({@link
 * io.lorikeet.trainer.dataset.Sampling}); {@link io.lorikeet.trainer.dataset.ConversationEncoder} makes training examples
 * of them and drops what is too long. Whatever is wrong is said with file and line ({@link
 * io.lorikeet.trainer.dataset.DatasetException}).
 */
package io.lorikeet.trainer.dataset;
