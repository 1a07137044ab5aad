package io.lorikeet.contracts;

/** What goes on {@link Topics#COMMANDS}. JSON: {@code type} is {@code train} or {@code cancel}. */
public sealed interface TrainingCommand extends Message permits TrainCommand, CancelCommand {
    /** Idempotency key: the same id trains once, however often it is delivered. */
    String jobId();

    @Override
    default String key() {
        return jobId();
    }

    /**
     * Reads a command strictly: unknown fields, wrong types and values out of range are all reported, at once.
     *
     * @throws ContractException naming every problem
     */
    static TrainingCommand parse(byte[] json) {
        return TrainingCommands.read(Json.parse(json, TrainingCommands.SUBJECT));
    }
}
