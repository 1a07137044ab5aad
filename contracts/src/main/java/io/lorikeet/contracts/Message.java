package io.lorikeet.contracts;

/** What stands on a topic: a command, what happened to a job, what is to be served, or what a replica serves. */
public sealed interface Message permits TrainingCommand, TrainingEvent, CheckpointEvent, ReplicaReport {
    /** The key of its record, which keeps the messages about one thing in order: a job's id, an adapter's or a replica's name. */
    String key();
}
