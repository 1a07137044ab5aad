package io.lorikeet.gateway.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupersededProgressTest {
    private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void isProgressWhoseJobHasProgressAgainAsItsNext() {
        var records = records(List.of(
                started("a", 0),
                progress("a", "bird", 1),
                progress("b", "bird", 2),
                progress("a", "bird", 3),
                started("a", 4),
                progress("a", "bird", 5),
                progress("b", "bird", 6),
                progress("a", "bird", 7),
                progress("c", "bird", 8),
                progress("c", "fish", 9)));

        assertThat(SupersededProgress.among(records))
                .containsExactlyInAnyOrder(records.get(1), records.get(2), records.get(5));
        assertThat(SupersededProgress.adapter(records.get(1))).contains("bird");
        assertThat(SupersededProgress.adapter(records.get(0))).isEmpty();
    }

    @Test
    void isNothingThatIsWrittenInAnotherWayOrUnderAnotherKey() {
        var spaced = "{ \"type\": \"progress\", \"job_id\": \"a\"}".getBytes(UTF_8);
        var written = Json.write(progress("a", "bird", 1));

        for (var records : List.of(
                List.of(record(0, "a", spaced), record(1, "a", written)),
                List.of(record(0, "b", written), record(1, "b", written)),
                List.of(record(0, null, written), record(1, null, written)),
                List.of(record(0, "a", null), record(1, "a", written)),
                List.of(record(0, "a", new byte[3]), record(1, "a", written)))) {
            assertThat(SupersededProgress.among(records)).isEmpty();
        }
    }

    /** Whatever happens to jobs, and with adapters that are not theirs in between. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isTakenToTheSameEffectAsIfItWereDecoded(long seed) {
        var random = new Random(seed);
        var events = new ArrayList<TrainingEvent>();
        for (int i = 0; i < 2_000; i++) {
            events.add(event("job-" + random.nextInt(5), i, random));
        }
        var records = records(events);
        var superseded = SupersededProgress.among(records);
        var whole = new Jobs(1 << 20, null);
        var quick = new Jobs(1 << 20, null);
        int passed = 0;

        for (int i = 0; i < records.size(); i++) {
            var record = records.get(i);
            var located = new Located(events.get(i), Place.of(record), record.value().length);
            whole.take(located);
            if (superseded.contains(record)
                    && quick.passes(
                            SupersededProgress.jobId(record), SupersededProgress.adapter(record), Place.of(record))) {
                passed++;
            } else {
                quick.take(located);
            }
        }

        assertThat(saved(quick)).isEqualTo(saved(whole));
        assertThat(quick.positions()).isEqualTo(whole.positions());
        assertThat(passed).isPositive();
    }

    private static List<SavedJob> saved(Jobs jobs) {
        var saved = new ArrayList<SavedJob>();
        jobs.save(saved::add, (_, _) -> {});
        return saved;
    }

    private static TrainingEvent event(String job, int second, Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> started(job, second);
            case 1 -> new TrainingEvent.Failed(job, "bird", BEGIN.plusSeconds(second), "why", null, true, "training");
            case 2 -> new TrainingEvent.Cancelled(job, "bird", BEGIN.plusSeconds(second), 1, null);
            case 3 -> progress(job, "fish", second);
            default -> progress(job, "bird", second);
        };
    }

    private static TrainingEvent started(String job, int second) {
        return new TrainingEvent.Started(
                job,
                "bird",
                BEGIN.plusSeconds(second),
                new BaseModel("fledgling", "sha256:" + "cd".repeat(32)),
                9,
                9,
                9,
                0,
                null,
                List.of(),
                List.of());
    }

    private static TrainingEvent progress(String job, String adapter, int second) {
        return new TrainingEvent.Progress(
                job, adapter, BEGIN.plusSeconds(second), second, 9_999, 1, 2.5, 0.9, 1e-4, 0.6, 1, 10, 0.7, 0.3);
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(List<TrainingEvent> events) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        for (int i = 0; i < events.size(); i++) {
            records.add(record(i, events.get(i).key(), Json.write(events.get(i))));
        }
        return records;
    }

    private static ConsumerRecord<byte[], byte[]> record(int offset, String key, byte[] value) {
        return new ConsumerRecord<>(Topics.EVENTS, 0, offset, key == null ? null : key.getBytes(UTF_8), value);
    }
}
