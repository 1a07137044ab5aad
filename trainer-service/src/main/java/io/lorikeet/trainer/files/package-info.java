/**
 * Files: {@link io.lorikeet.trainer.files.Roots} decides which of them a command can name, {@link
 * io.lorikeet.trainer.files.DurableFiles} writes them whole or not at all.
 */
package io.lorikeet.trainer.files;
