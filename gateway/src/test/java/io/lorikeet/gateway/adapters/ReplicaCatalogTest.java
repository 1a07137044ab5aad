package io.lorikeet.gateway.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.ReplicaReport;
import io.lorikeet.contracts.ReplicaReport.ServedAdapter;
import io.lorikeet.contracts.Topics;
import io.lorikeet.gateway.adapters.ReplicaCatalog.Standing;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class ReplicaCatalogTest {
    private final ReplicaCatalog catalog = new ReplicaCatalog(Clock.systemUTC());

    private void says(String replica, ServedAdapter... adapters) {
        var report = new ReplicaReport(replica, Instant.now(), null, List.of(adapters));
        catalog.take(new ConsumerRecord<>(Topics.REPLICAS, 0, 0, replica.getBytes(UTF_8), Json.write(report)));
    }

    @Test
    void tellsWhoHasAnAdapterOnItsDeviceWhoServesItAndWhoDoesNot() {
        says("left", new ServedAdapter("poet", "job-1@40", null, true, null));
        says("right", new ServedAdapter("poet", "job-1@20", null, false, null));
        says("none", new ServedAdapter("poet", null, null, false, null));

        assertThat(catalog.standings("poet"))
                .containsEntry("left", Standing.RESIDENT)
                .containsEntry("right", Standing.SERVED)
                .containsEntry("none", Standing.ABSENT);
        assertThat(catalog.standings("poet@job-1@20"))
                .containsEntry("left", Standing.ABSENT)
                .containsEntry("right", Standing.SERVED);
    }

    @Test
    void knowsAFineTunedModelByTheNameThatClientsUse() {
        says("left", new ServedAdapter("ft-shop-abcdefghij012345", "ftjob-abcdefghij012345@40", null, true, null));

        assertThat(catalog.standings("ft:fledgling:lorikeet:shop:abcdefghij012345"))
                .containsEntry("left", Standing.RESIDENT);
    }
}
