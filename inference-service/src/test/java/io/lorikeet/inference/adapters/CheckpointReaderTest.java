package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.Json;
import io.lorikeet.inference.testing.Checkpoints;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointReaderTest {
    private final CheckpointReader reader = new CheckpointReader("fledgling");

    @Test
    void readsAnEvent() {
        var event = event("assistant", "job@1");

        assertThat(reader.read("assistant", Json.write(event))).isEqualTo(new Change.Serve(event));
    }

    @Test
    void ignoresFieldsThatItDoesNotKnow() {
        var event = event("assistant", "job@1");
        var json = new String(Json.write(event), StandardCharsets.UTF_8).replaceFirst("\\{", "{\"of_tomorrow\": 1, ");

        assertThat(reader.read("assistant", json.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Change.Serve(event));
    }

    @Test
    void readsATombstone() {
        assertThat(reader.read("assistant", null)).isEqualTo(new Change.Retire("assistant"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "3", "{}", "{\"adapter\": \"assistant\"}"})
    void refusesWhatIsNoEvent(String json) {
        assertRefused("assistant", json.getBytes(StandardCharsets.UTF_8), "malformed_event");
    }

    @Test
    void refusesAnEventUnderAnotherKey() {
        assertRefused("other", Json.write(event("assistant", "job@1")), "malformed_event");
    }

    @Test
    void refusesAKeyThatIsNoName() {
        assertRefused("../etc", Json.write(event("../etc", "job@1")), "malformed_event");
        assertRefused(null, Json.write(event("assistant", "job@1")), "malformed_event");
    }

    @Test
    void refusesAVersionThatCannotStandInAHeader() {
        assertRefused("assistant", Json.write(event("assistant", "job@1\r\nX-Evil: 1")), "malformed_event");
    }

    @Test
    void refusesTheNameOfTheBaseModel() {
        assertRefused("fledgling", Json.write(event("fledgling", "job@1")), "name_taken");
    }

    private void assertRefused(String key, byte[] value, String reason) {
        assertThat(reader.read(key, value)).isInstanceOfSatisfying(Change.Refuse.class, refused -> {
            assertThat(refused.adapter()).isEqualTo(String.valueOf(key));
            assertThat(refused.rejection().reason()).isEqualTo(reason);
        });
    }

    private static CheckpointEvent event(String adapter, String version) {
        return Checkpoints.event(adapter, version, URI.create("file:///adapters/a"), List.of(), "sha256:0");
    }
}
