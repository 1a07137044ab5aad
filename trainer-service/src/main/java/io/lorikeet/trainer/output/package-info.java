/**
 * What a run leaves on disk: its {@link io.lorikeet.trainer.output.RunFolder} with {@link
 * io.lorikeet.trainer.output.Checkpoints}, {@link io.lorikeet.trainer.output.RunLog} and {@link
 * io.lorikeet.trainer.output.Plots}.
 */
package io.lorikeet.trainer.output;
