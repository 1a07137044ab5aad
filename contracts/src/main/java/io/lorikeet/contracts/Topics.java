package io.lorikeet.contracts;

/** Names that every part agrees on. */
public final class Topics {
    /** Key: job id. A queue of jobs: trainers share it through {@link #TRAINERS}. */
    public static final String COMMANDS = "lorikeet.training.commands";
    /** Commands that nobody can run, the reason in their headers. */
    public static final String COMMANDS_DLQ = "lorikeet.training.commands.dlq";
    /** Key: job id. What happened to each job, in order. */
    public static final String EVENTS = "lorikeet.training.events";
    /** Key: adapter name. Compacted: the newest event of each name is what is served. */
    public static final String CHECKPOINTS = "lorikeet.checkpoints";
    /** Key: a replica's name. Compacted, and old records go: what each replica of the inference service serves. */
    public static final String REPLICAS = "lorikeet.replicas";
    /** The share group of the trainers. */
    public static final String TRAINERS = "lorikeet-trainers";

    /** What the gateway sends says so in its header {@code ce_source}. */
    public static final String GATEWAY = "/lorikeet/gateway";
    /** The largest record that a topic takes, Kafka's default. */
    public static final int MAX_MESSAGE_BYTES = 1 << 20;
    /** The largest command that is sure to fit with its headers and with all its settings written out. */
    public static final int MAX_COMMAND_BYTES = MAX_MESSAGE_BYTES - (16 << 10);

    private Topics() {}
}
