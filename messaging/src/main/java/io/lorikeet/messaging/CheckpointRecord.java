package io.lorikeet.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.Shown;
import io.lorikeet.contracts.TrainCommand;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a record of the checkpoint topic says about the adapter whose name is its key. */
public sealed interface CheckpointRecord {
    /** Serve this version from now on. */
    record Serve(CheckpointEvent event) implements CheckpointRecord {}

    /** Serve the name no more: a tombstone, which has no value at all. The JSON text {@code null} is none. */
    record Retire(String adapter) implements CheckpointRecord {}

    /**
     * The name of the adapter.
     *
     * @throws ContractException if the key is none
     */
    static String adapter(ConsumerRecord<byte[], byte[]> record) {
        var key = record.key() == null ? null : new String(record.key(), UTF_8);
        if (key == null || !key.matches(TrainCommand.ADAPTER)) {
            throw broken("key", "is " + Shown.value(key), "an adapter's name, " + TrainCommand.ADAPTER);
        }
        return key;
    }

    /**
     * Reads one.
     *
     * @throws ContractException whatever else it is
     */
    static CheckpointRecord read(ConsumerRecord<byte[], byte[]> record) {
        var adapter = adapter(record);
        if (record.value() == null) {
            return new Retire(adapter);
        }
        var json = Json.parse(record.value(), "checkpoint event");
        var type = json.path("type");
        if (!type.isMissingNode() && !type.asText().equals("checkpoint")) {
            throw broken("type", "is " + Shown.value(type), "checkpoint");
        }
        var event = Json.convert(json, CheckpointEvent.class);
        if (!adapter.equals(event.adapter())) {
            throw broken("adapter", "is " + event.adapter(), adapter + ", as the record's key says");
        }
        return new Serve(event);
    }

    private static ContractException broken(String field, String problem, String expected) {
        return new ContractException("checkpoint event", new Problem(field, problem, expected));
    }
}
