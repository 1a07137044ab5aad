/**
 * Jobs: runs that happen once, however often their command is delivered.
 *
 * <p>The flow: {@link io.lorikeet.trainer.job.JobRunner} takes a command from the queue, locks the job's {@link
 * io.lorikeet.trainer.job.JobFolder}, looks for its {@link io.lorikeet.trainer.job.JobRecord}, runs or resumes a {@link
 * io.lorikeet.trainer.run.TrainingRun}, keeps the result, publishes it, and tells the queue how it went. Order of the
 * end: checkpoint in place, result on disk, checkpoint event acknowledged, final event acknowledged, result marked as
 * published, command ticked off. A crash between any two of them repeats what comes after and nothing before.
 */
package io.lorikeet.trainer.job;
