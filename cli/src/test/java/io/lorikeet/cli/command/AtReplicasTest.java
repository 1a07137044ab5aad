package io.lorikeet.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import org.junit.jupiter.api.Test;

class AtReplicasTest {
    @Test
    void countsThoseThatServeWhatWasAskedForAndTellsOfTheOthers() {
        var adapter = json("""
                {"name": "bird", "version": "b@1", "replicas": [
                  {"replica": "one:8001", "version": "b@1"},
                  {"replica": "two:8001", "version": "a@1",
                   "refused": {"version": "b@1", "reason": "file_missing", "detail": "no such file"}},
                  {"replica": "three:8001"}]}""");

        assertThat(AtReplicas.summary(adapter)).isEqualTo("1 of 3");
        assertThat(AtReplicas.differences(adapter))
                .containsExactly(
                        "bird at two:8001: serves a@1, has refused b@1 (file_missing): no such file",
                        "bird at three:8001: serves no version");
    }

    @Test
    void aRetiredAdapterIsRightWhereNothingIsServed() {
        var adapter = json("{\"name\": \"bird\", \"replicas\": [{\"replica\": \"one:8001\"}]}");

        assertThat(AtReplicas.summary(adapter)).isEqualTo("1 of 1");
        assertThat(AtReplicas.differences(adapter)).isEmpty();
    }

    private static JsonNode json(String text) {
        return Json.parse(text.getBytes(UTF_8), "adapter");
    }
}
