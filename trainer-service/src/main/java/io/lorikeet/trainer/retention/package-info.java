/**
 * Retention: {@link io.lorikeet.trainer.retention.Retention} says how long things are kept, {@link
 * io.lorikeet.trainer.retention.Served} what is served, {@link io.lorikeet.trainer.retention.Verdict} what of a job goes
 * therefore, and {@link io.lorikeet.trainer.retention.Pruner} deletes it.
 */
package io.lorikeet.trainer.retention;
