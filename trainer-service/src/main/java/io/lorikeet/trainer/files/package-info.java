/** Files: which of them callers may name, and writes that are there whole or not at all. */
package io.lorikeet.trainer.files;
