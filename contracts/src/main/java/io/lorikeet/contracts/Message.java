package io.lorikeet.contracts;

/** What stands on a topic: a command, what happened to a job, or what is to be served. */
public sealed interface Message permits TrainingCommand, TrainingEvent, CheckpointEvent {
    /** The key of its record, which keeps the messages about one thing in order: a job's id, or an adapter's name. */
    String key();
}
