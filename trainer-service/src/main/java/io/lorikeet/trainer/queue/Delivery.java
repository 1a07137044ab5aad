package io.lorikeet.trainer.queue;

/**
 * One delivery of one command.
 *
 * @param record where the command stands in Kafka, {@code topic-partition@offset}; the same at every redelivery, another
 *     if the same command was published twice
 * @param count 1 for the first delivery
 */
public record Delivery(String record, int count) {}
