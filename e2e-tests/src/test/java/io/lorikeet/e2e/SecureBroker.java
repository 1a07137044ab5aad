package io.lorikeet.e2e;

import static org.apache.kafka.clients.admin.ScramMechanism.SCRAM_SHA_512;

import io.lorikeet.cli.broker.EmbeddedBroker;
import io.lorikeet.cli.stack.PortPlan;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A broker that asks for TLS and for a user, by SCRAM-SHA-512 or PLAIN. The test itself looks at its topics through another
 * port, which asks for nothing.
 */
final class SecureBroker implements AutoCloseable {
    /** With a quote and a backslash: whoever writes a JAAS line has to mind them. */
    private static final String PASSWORD = "half a \"horse\" \\ staple";

    private static final String PACKAGE = "org.apache.kafka.common.security.";
    private static final String SCRAM_USER = "scram-user";
    private static final String PLAIN_USER = "plain-user";
    private static final int ITERATIONS = 4096;

    private final EmbeddedBroker broker;
    private final Certificate certificate;
    private final int port;

    private SecureBroker(EmbeddedBroker broker, Certificate certificate, int port) {
        this.broker = broker;
        this.certificate = certificate;
        this.port = port;
    }

    static SecureBroker start(Path folder) throws Exception {
        List<Integer> ports = PortPlan.free(2);
        var certificate = Certificate.make(folder.resolve("certificates"), "broker");
        Map<String, String> settings = new HashMap<>();
        settings.put("ssl.keystore.type", "PKCS12");
        settings.put("ssl.keystore.location", certificate.store().toString());
        settings.put("ssl.keystore.password", Certificate.PASSWORD);
        settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN");
        settings.put("scram-sha-512.sasl.jaas.config", PACKAGE + "scram.ScramLoginModule required;");
        settings.put(
                "plain.sasl.jaas.config",
                PACKAGE + "plain.PlainLoginModule required user_" + PLAIN_USER + "=\""
                        + PASSWORD.replace("\\", "\\\\").replace("\"", "\\\"") + "\";");
        var secure = new EmbeddedBroker.Listener("SECURE", ports.get(1), "SASL_SSL", settings);
        EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), ports.get(0), secure);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            var user = new UserScramCredentialUpsertion(
                    SCRAM_USER, new ScramCredentialInfo(SCRAM_SHA_512, ITERATIONS), PASSWORD);
            admin.alterUserScramCredentials(List.of(user)).all().get();
        }
        return new SecureBroker(broker, certificate, ports.get(1));
    }

    /** Where nobody is asked who they are. */
    String open() {
        return broker.bootstrapServers();
    }

    /** Where it asks for TLS and a user. */
    String secure() {
        return "127.0.0.1:" + port;
    }

    /** What a service's environment needs; the mechanism is the default one. */
    Map<String, String> scram() {
        return Map.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                secure(),
                "KAFKA_SASL_USERNAME",
                SCRAM_USER,
                "KAFKA_SASL_PASSWORD",
                PASSWORD,
                "KAFKA_SSL_TRUSTSTORE_LOCATION",
                certificate.pem().toString());
    }

    /** The same with the other mechanism. */
    Map<String, String> plain() {
        Map<String, String> plain = new HashMap<>(scram());
        plain.put("KAFKA_SASL_MECHANISM", "PLAIN");
        plain.put("KAFKA_SASL_USERNAME", PLAIN_USER);
        return plain;
    }

    @Override
    public void close() {
        broker.close();
    }
}
