package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in by a gateway that was started without keys. */
class OpenDoorIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path temp;

    @Test
    void everybodyOnlyWhereThatIsWhatWasSaid() throws Exception {
        try (var gateway = start(Map.of("QUARKUS_HTTP_HOST", "0.0.0.0"))) {
            assertThat(gateway.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(gateway.process().exitValue()).isEqualTo(1);
            assertThat(gateway.output())
                    .contains("LORIKEET_ACCESS_KEYS_FILE", "LORIKEET_ACCESS_OPEN")
                    .doesNotContain("\tat io.");
        }
        try (var gateway = start(Map.of("QUARKUS_HTTP_HOST", "0.0.0.0", "LORIKEET_ACCESS_OPEN", "true"))) {
            awaitOpen(gateway);
            assertThat(gateway.output()).contains("WARN", "whoever reaches it may do everything");
        }
        try (var gateway = start(Map.of())) {
            awaitOpen(gateway);
            assertThat(gateway.output()).contains("asks for no API keys, as it listens on 127.0.0.1 alone");
        }
    }

    @Test
    void nobodyWhereTheKeysCannotBeRead() throws Exception {
        var file = Files.writeString(temp.resolve("keys.json"), "{");
        try (var gateway = start(Map.of("LORIKEET_ACCESS_KEYS_FILE", file.toString()))) {
            assertThat(gateway.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(gateway.output()).contains("the API keys in " + file + " cannot be read");
        }
    }

    private GatewayProcess start(Map<String, String> environment) throws Exception {
        return GatewayProcess.start(temp, List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"), environment);
    }

    private static void awaitOpen(GatewayProcess gateway) {
        await().atMost(PATIENCE).until(() -> gateway.management("/q/health/live") == 200);
    }
}
