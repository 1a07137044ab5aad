/**
 * The run itself: {@link io.lorikeet.trainer.run.TrainingRun} prepares it and loads the model, {@code TrainingLoop} takes the
 * steps, {@link io.lorikeet.trainer.run.RunControl} stops it and {@link io.lorikeet.trainer.run.RunObserver} hears of it.
 */
package io.lorikeet.trainer.run;
