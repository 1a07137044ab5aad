/**
 * All that is known of a run before its weights are loaded: {@link io.lorikeet.trainer.plan.RunSetup} says what it is told,
 * {@link io.lorikeet.trainer.plan.Preparation} finds out the rest. A dry run ends here, with {@link
 * io.lorikeet.trainer.plan.DryRun}.
 */
package io.lorikeet.trainer.plan;
