package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What the replicas of the inference service say of an adapter, beside what was asked for. */
final class AtReplicas {
    private AtReplicas() {}

    /** How many of them are where they should be: {@code 2 of 3}. */
    static String summary(JsonNode adapter) {
        List<JsonNode> replicas = replicas(adapter);
        long right =
                replicas.stream().filter(replica -> isRight(adapter, replica)).count();
        return replicas.isEmpty() ? "-" : right + " of " + replicas.size();
    }

    /** A line for each that is not. */
    static Stream<String> differences(JsonNode adapter) {
        return replicas(adapter).stream()
                .filter(replica -> !isRight(adapter, replica))
                .map(replica -> "%s at %s: serves %s%s"
                        .formatted(
                                adapter.path("name").asText(),
                                replica.path("replica").asText(),
                                replica.path("version").asText("no version"),
                                refused(replica.path("refused"))));
    }

    private static String refused(JsonNode refused) {
        return refused.isMissingNode()
                ? ""
                : ", has refused %s (%s): %s"
                        .formatted(
                                refused.path("version").asText("a checkpoint"),
                                refused.path("reason").asText(),
                                refused.path("detail").asText());
    }

    private static boolean isRight(JsonNode adapter, JsonNode replica) {
        return adapter.path("version").asText("").equals(replica.path("version").asText(""));
    }

    private static List<JsonNode> replicas(JsonNode adapter) {
        return StreamSupport.stream(adapter.path("replicas").spliterator(), false)
                .toList();
    }
}
