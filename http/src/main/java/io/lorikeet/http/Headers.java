package io.lorikeet.http;

/** Header fields of answers that are ours. */
public final class Headers {
    /** The adapter that answered; absent for the base model. */
    public static final String ADAPTER = "X-Lorikeet-Adapter";

    /** Its version. */
    public static final String VERSION = "X-Lorikeet-Version";

    /** The replica of the inference service that answered. */
    public static final String REPLICA = "X-Lorikeet-Replica";

    private Headers() {}
}
