package io.lorikeet.contracts;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Headers that make a record a CloudEvent in binary mode: the value stays the plain JSON message. Readers do not need
 * them, so a console producer can leave them out.
 */
public final class CloudEvents {
    private CloudEvents() {}

    /**
     * The headers of a message.
     *
     * @param source the part that sends it, e.g. {@code /lorikeet/trainer}
     * @return header names and values, to be written as UTF-8
     */
    public static Map<String, String> headers(Message message, String source) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", UUID.randomUUID().toString());
        headers.put("ce_source", source);
        headers.put("ce_type", type(message));
        headers.put("ce_subject", message.key());
        headers.put("ce_time", time(message).toString());
        headers.put("content-type", "application/json");
        return headers;
    }

    private static String type(Message message) {
        return switch (message) {
            case TrainingCommand command -> "io.lorikeet.training.command." + kind(command);
            case TrainingEvent event -> "io.lorikeet.training.event." + kind(event);
            case CheckpointEvent _ -> "io.lorikeet.checkpoint";
            case ReplicaReport _ -> "io.lorikeet.replica";
        };
    }

    private static String kind(Message message) {
        return Json.mapper().valueToTree(message).path("type").asText();
    }

    private static Instant time(Message message) {
        return switch (message) {
            case TrainingCommand _ -> Instant.now();
            case TrainingEvent event -> event.time();
            case CheckpointEvent checkpoint -> checkpoint.time();
            case ReplicaReport report -> report.time();
        };
    }
}
