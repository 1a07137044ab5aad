/**
 * Training commands as a queue of long jobs: a Kafka share group through the plain client.
 *
 * <p>The flow: {@link io.lorikeet.trainer.queue.QueueSetup} makes topics and group settings; {@link
 * io.lorikeet.trainer.queue.CommandQueue} owns the consumer and its thread, takes one command at a time, hands it to a
 * {@link io.lorikeet.trainer.queue.JobHandler} on another thread and keeps its {@link io.lorikeet.trainer.queue.Lease}
 * renewed until the {@link io.lorikeet.trainer.queue.JobOutcome} is there; {@link
 * io.lorikeet.trainer.queue.Letters} takes what cannot be trained.
 *
 * <p>Dry runs have a queue and a share group of their own over the same topic ({@link io.lorikeet.trainer.queue.Work}), so
 * that they are answered while every trainer trains.
 *
 * <p>Deliveries are the broker's and are no tries: it counts a command that it handed to a trainer that was just killed, or
 * that gave it back at its shutdown. How often a command was tried, the handler knows. A record that the broker would not
 * deliver again is replaced by a new one, its {@link io.lorikeet.trainer.queue.Republication}.
 *
 * <p>Cancelling. A cancel is a record of the same topic, and a busy trainer takes no record from the group. So each
 * trainer also has a {@link io.lorikeet.trainer.queue.CancelWatch}: a plain consumer without a group that follows the
 * whole topic and raises the flag of the running job ({@link io.lorikeet.trainer.run.RunControl}) as soon as its cancel
 * arrives. It reads from the beginning at start, so that a job that was cancelled while it waited is not trained
 * later. To the group itself a cancel is a record to be ticked off.
 */
package io.lorikeet.trainer.queue;
