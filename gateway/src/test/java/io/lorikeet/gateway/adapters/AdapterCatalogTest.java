package io.lorikeet.gateway.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.Kafka;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdapterCatalogTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void forgetsTheOldestVersionsThatAreNotServedAndNeverTheOneThatIs() {
        var catalog = new AdapterCatalog(20_000, new ReplicaCatalog());
        catalog.served(Kafka.checkpoint("loyal", "first@1"));
        for (int i = 0; i < 500; i++) {
            catalog.trained(new TrainingEvent.Succeeded(
                    "job-" + i, "busy", TIME, Kafka.checkpoint("busy", "job-" + i + "@1"), false, null));
        }

        assertThat(catalog.view("loyal").orElseThrow().version()).isEqualTo("first@1");
        var kept = catalog.view("busy").orElseThrow().versions().stream()
                .map(version -> version.checkpoint().version())
                .toList();
        assertThat(kept).hasSizeBetween(5, 40).startsWith("job-499@1", "job-498@1");
        assertThat(catalog.versions()).hasSize(kept.size() + 1);
    }

    /** After a restart results may be heard of in any order, and a rollback goes to the version before. */
    @Test
    void versionsAreListedByTheirTimeHoweverTheyWereHeardOf() {
        var catalog = new AdapterCatalog(20_000, new ReplicaCatalog());
        for (int day : new int[] {2, 0, 1}) {
            var version = "day-" + day + "@1";
            var time = TIME.plus(Duration.ofDays(day));
            catalog.trained(new TrainingEvent.Succeeded(
                    "day-" + day, "daily", time, Kafka.checkpoint("daily", version, List.of(), time), false, null));
        }

        assertThat(catalog.view("daily").orElseThrow().versions())
                .extracting(VersionView::version)
                .containsExactly("day-2@1", "day-1@1", "day-0@1");
    }

    @Test
    void aNameOfWhichNothingIsKeptIsGone() {
        var catalog = new AdapterCatalog(3_000, new ReplicaCatalog());
        catalog.trained(new TrainingEvent.Succeeded("a", "once", TIME, Kafka.checkpoint("once", "a@1"), false, null));
        for (int i = 0; i < 20; i++) {
            catalog.served(Kafka.checkpoint("served-" + i, "a@1"));
        }

        assertThat(catalog.view("once")).isEmpty();
        assertThat(catalog.served()).hasSize(20);
    }
}
