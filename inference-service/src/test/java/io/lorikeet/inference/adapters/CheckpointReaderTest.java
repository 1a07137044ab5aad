package io.lorikeet.inference.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.inference.testing.Checkpoints;
import java.net.URI;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointReaderTest {
    private final CheckpointReader reader = new CheckpointReader("fledgling");

    @Test
    void readsAnEvent() {
        var event = event("assistant", "job@1");

        assertThat(reader.read(record("assistant", Json.write(event)))).contains(new Change.Serve(event));
    }

    @Test
    void ignoresFieldsThatItDoesNotKnow() {
        var event = event("assistant", "job@1");
        var json = new String(Json.write(event), UTF_8).replaceFirst("\\{", "{\"of_tomorrow\": 1, ");

        assertThat(reader.read(record("assistant", json.getBytes(UTF_8)))).contains(new Change.Serve(event));
    }

    @Test
    void readsATombstone() {
        assertThat(reader.read(record("assistant", null))).contains(new Change.Retire("assistant"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "3", "null", "{}", "{\"adapter\": \"assistant\"}"})
    void cannotReadWhatIsNoEventAndSaysSoUnderItsName(String json) {
        assertUnreadable("assistant", json.getBytes(UTF_8));
    }

    @Test
    void cannotReadAnEventUnderAnotherKey() {
        assertUnreadable("other", Json.write(event("assistant", "job@1")));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "../etc", "a\u0000b", " "})
    void saysNothingUnderAKeyThatIsNoName(String key) {
        var record = record(key, Json.write(event("assistant", "job@1")));

        var broken = catchThrowableOfType(ContractException.class, () -> reader.read(record));

        assertThat(broken).hasMessageContaining("key: is");
        assertThat(reader.refusal(record, broken)).isEmpty();
    }

    @Test
    void cannotReadAVersionThatCannotStandInAHeader() {
        var json = new String(Json.write(event("assistant", "job@1")), UTF_8).replace("job@1", "job@1\\r\\nX-Evil: 1");

        assertUnreadable("assistant", json.getBytes(UTF_8));
    }

    @Test
    void refusesTheNameOfTheBaseModel() {
        assertThat(reader.read(record("fledgling", Json.write(event("fledgling", "job@1")))))
                .get()
                .isInstanceOfSatisfying(
                        Change.Refuse.class,
                        refused -> assertThat(refused.rejection().reason()).isEqualTo("name_taken"));
    }

    private void assertUnreadable(String key, byte[] value) {
        var record = record(key, value);

        var broken = catchThrowableOfType(ContractException.class, () -> reader.read(record));

        assertThat(reader.refusal(record, broken)).hasValueSatisfying(change -> {
            var refused = ((Change.Refuse) change).rejection();
            assertThat(refused.adapter()).isEqualTo(key);
            assertThat(refused.reason()).isEqualTo("malformed_event");
            assertThat(refused.detail()).isEqualTo(broken.getMessage());
        });
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, byte[] value) {
        return new ConsumerRecord<>(Topics.CHECKPOINTS, 0, 0, key == null ? null : key.getBytes(UTF_8), value);
    }

    private static CheckpointEvent event(String adapter, String version) {
        return Checkpoints.event(adapter, version, URI.create("file:///adapters/a"), List.of(), "sha256:0");
    }
}
