package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.MALFORMED_EVENT;
import static io.lorikeet.inference.adapters.RejectionReason.NAME_TAKEN;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.messaging.CheckpointOrder;
import io.lorikeet.messaging.CheckpointRecord;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** From a record of the checkpoint topic to the change that it asks for. */
final class CheckpointReader {
    private final String baseName;
    private final CheckpointOrder order = new CheckpointOrder();

    /** @param baseName id of the base model, which no adapter may take */
    CheckpointReader(String baseName) {
        this.baseName = baseName;
    }

    /**
     * Reads the next one of the topic.
     *
     * @return empty if it asks for nothing, since it was decided before the writer knew of what came between
     * @throws ContractException if it can be read as nothing
     */
    Optional<Change> read(ConsumerRecord<byte[], byte[]> record) {
        var checkpoint = CheckpointRecord.read(record);
        return order.counts(checkpoint) ? Optional.of(change(checkpoint)) : Optional.empty();
    }

    private Change change(CheckpointRecord checkpoint) {
        return switch (checkpoint) {
            case CheckpointRecord.Retire(var adapter) -> new Change.Retire(adapter);
            case CheckpointRecord.Serve(var event) ->
                event.adapter().equals(baseName)
                        ? refuse(baseName, event.version(), NAME_TAKEN, "the base model has the name " + baseName)
                        : new Change.Serve(event);
        };
    }

    /** What an adapter's page says of a record that could not be read; empty if its key is no adapter's name. */
    Optional<Change> refusal(ConsumerRecord<byte[], byte[]> record, ContractException why) {
        try {
            return Optional.of(refuse(CheckpointRecord.adapter(record), null, MALFORMED_EVENT, why.getMessage()));
        } catch (ContractException e) {
            return Optional.empty();
        }
    }

    private static Change refuse(String adapter, String version, RejectionReason reason, String detail) {
        return new Change.Refuse(new Rejection(adapter, version, reason.label(), detail, Instant.now()));
    }
}
