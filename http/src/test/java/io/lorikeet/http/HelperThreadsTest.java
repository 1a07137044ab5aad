package io.lorikeet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class HelperThreadsTest {
    private final HelperThreads threads = new HelperThreads();

    @Test
    void oneThatReturnsIsNoneThatDied() throws Exception {
        threads.start("done", () -> {}).join();

        assertThat(threads.call().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void oneThatDiesTakesItsServiceWithItAndSaysWhy() throws Exception {
        threads.start("full", () -> {
                    throw new OutOfMemoryError("as if");
                })
                .join();

        var answer = threads.call();
        assertThat(answer.getStatus()).isEqualTo(Status.DOWN);
        assertThat(answer.getData().orElseThrow()).containsEntry("full", "java.lang.OutOfMemoryError: as if");
    }
}
