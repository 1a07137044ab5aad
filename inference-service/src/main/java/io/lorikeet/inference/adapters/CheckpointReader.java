package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.MALFORMED_EVENT;
import static io.lorikeet.inference.adapters.RejectionReason.NAME_TAKEN;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import java.time.Instant;
import java.util.regex.Pattern;

/** From a record of the checkpoint topic to the change that it asks for; whatever the record holds, it is one. */
final class CheckpointReader {
    private static final Pattern NAME = Pattern.compile(TrainCommand.ADAPTER);
    /** Versions go into a header of each answer. */
    private static final Pattern VERSION = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private final String baseName;

    /** @param baseName id of the base model, which no adapter may take */
    CheckpointReader(String baseName) {
        this.baseName = baseName;
    }

    /** @param value null for a tombstone */
    Change read(String key, byte[] value) {
        if (key == null || !NAME.matcher(key).matches()) {
            return refuse(
                    String.valueOf(key),
                    null,
                    MALFORMED_EVENT,
                    "key is " + key + ", must be an adapter's name " + NAME);
        }
        if (value == null) {
            return new Change.Retire(key);
        }
        CheckpointEvent event;
        try {
            event = Json.read(value, CheckpointEvent.class);
        } catch (ContractException e) {
            return refuse(key, null, MALFORMED_EVENT, e.getMessage());
        }
        var version = event.version();
        if (!key.equals(event.adapter())) {
            return refuse(
                    key, version, MALFORMED_EVENT, "adapter is " + event.adapter() + ", the record's key says " + key);
        }
        if (!VERSION.matcher(version).matches()) {
            return refuse(key, version, MALFORMED_EVENT, "version must be printable ASCII, is " + version);
        }
        if (key.equals(baseName)) {
            return refuse(key, version, NAME_TAKEN, "the base model has the name " + key);
        }
        return new Change.Serve(event);
    }

    private static Change refuse(String adapter, String version, RejectionReason reason, String detail) {
        return new Change.Refuse(new Rejection(adapter, version, reason.label(), detail, Instant.now()));
    }
}
