package io.lorikeet.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BrokerWatchTest {
    @TempDir
    Path folder;

    /** Its kernel takes connections all along; and once it goes on, all is as before. */
    @Test
    void tellsABrokerThatIsFrozen() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerMain.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                var watch = new BrokerWatch(Map.of("bootstrap.servers", address(said)))) {
            watch.start();
            await(watch::answers);
            assertThat(watch.describe()).isEqualTo("answers");

            signal(process, "STOP");
            await(() -> !watch.answers());
            assertThat(watch.describe()).startsWith("has not answered for ");

            signal(process, "CONT");
            await(watch::answers);
        } finally {
            signal(process, "CONT");
            var _ = process.destroyForcibly().waitFor();
        }
    }

    /** As while certificates are replaced: it says so, and has not ended. */
    @Test
    void saysThatNoClientCanBeMade() throws Exception {
        try (var watch = new BrokerWatch(Map.of(
                "bootstrap.servers",
                "localhost:1",
                "security.protocol",
                "SSL",
                "ssl.truststore.location",
                folder.resolve("missing.p12").toString()))) {
            watch.start();

            await(() -> watch.describe().contains("no Kafka client can be made: "));
            assertThat(watch.describe()).contains("missing.p12");
        }
    }

    private static String address(BufferedReader said) throws IOException {
        var line = said.readLine();
        while (line != null && !line.startsWith("at ")) {
            line = said.readLine();
        }
        assertThat(line).as("it started").isNotNull();
        return line.substring("at ".length());
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        var _ = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it takes no longer").isLessThan(deadline);
            Thread.sleep(50);
        }
    }
}
