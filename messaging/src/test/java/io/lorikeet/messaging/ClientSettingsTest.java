package io.lorikeet.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientSettingsTest {
    @Test
    void aUserIsAskedForByScramOverTlsUnlessSomethingElseIsSaid() {
        assertThat(ClientSettings.of(Map.of("sasl.username", "gateway", "sasl.password", "a\"b\\c")))
                .containsOnly(
                        Map.entry("security.protocol", "SASL_SSL"),
                        Map.entry("sasl.mechanism", "SCRAM-SHA-512"),
                        Map.entry(
                                "sasl.jaas.config",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required"
                                        + " username=\"gateway\" password=\"a\\\"b\\\\c\";"));
    }

    @Test
    void theEnvironmentHasThePropertiesThatKafkaKnows() {
        var environment = Map.of(
                "KAFKA_BOOTSTRAP_SERVERS", "broker:9092",
                "KAFKA_SASL_MECHANISM", "PLAIN",
                "KAFKA_PORT", "tcp://10.0.0.1:9092",
                "SASL_USERNAME", "nobody");

        assertThat(ClientSettings.environment(environment))
                .containsOnly(Map.entry("bootstrap.servers", "broker:9092"), Map.entry("sasl.mechanism", "PLAIN"));
    }

    @Test
    void whatDoesNotFitIsNamedAndNeverQuoted() {
        refused(Map.of("sasl.username", "gateway"), "sasl.password");
        refused(Map.of("sasl.password", "secret"), "sasl.username");
        refused(Map.of("sasl.username", "a", "sasl.password", "secret", "sasl.mechanism", "GSSAPI"), "sasl.mechanism");
        refused(Map.of("sasl.username", "a", "sasl.password", "secret", "sasl.jaas.config", "x"), "sasl.jaas.config");
        refused(
                Map.of("sasl.username", "a", "sasl.password", "secret", "security.protocol", "SSL"),
                "security.protocol");
        refused(Map.of("security.protocol", "TLS"), "KAFKA_SECURITY_PROTOCOL");
        refused(Map.of("ssl.truststore.location", "/nowhere/ca.crt"), "ssl.truststore.location");
    }

    @Test
    void aCertificateIsKnownByItsFilesName(@TempDir Path folder) throws Exception {
        String pem = Files.createFile(folder.resolve("ca.crt")).toString();

        assertThat(ClientSettings.of(Map.of("ssl.truststore.location", pem)))
                .containsEntry("ssl.truststore.type", "PEM");
        assertThat(ClientSettings.of(Map.of("ssl.truststore.location", pem, "ssl.truststore.type", "JKS")))
                .containsEntry("ssl.truststore.type", "JKS");
    }

    private static void refused(Map<String, String> properties, String named) {
        assertThatThrownBy(() -> ClientSettings.of(properties))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named)
                .message()
                .doesNotContain("secret");
    }
}
