/**
 * The messages on the wire. {@link io.lorikeet.contracts.TrainingCommand} goes in,
 * {@link io.lorikeet.contracts.TrainingEvent} tells what happens to it,
 * {@link io.lorikeet.contracts.CheckpointEvent} says what is served. {@link io.lorikeet.contracts.Json} reads and writes
 * them all, {@link io.lorikeet.contracts.CloudEvents} makes their headers, {@link io.lorikeet.contracts.Topics} names
 * where they go.
 */
package io.lorikeet.contracts;
