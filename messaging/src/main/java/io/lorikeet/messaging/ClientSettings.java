package io.lorikeet.messaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * What every Kafka client of Lorikeet is made with: the broker, and how it is known and asked. Kafka's own properties by their
 * names, and {@code sasl.username} with {@code sasl.password} in the place of a {@code sasl.jaas.config} with both in it.
 */
public final class ClientSettings {
    static final String USERNAME = "sasl.username";
    static final String PASSWORD = "sasl.password";
    /** Of the services' configuration and environment variables; a file of Kafka's properties has none. */
    private static final String PREFIX = "kafka.";

    private static final String DEFAULT_MECHANISM = "SCRAM-SHA-512";
    private static final Set<String> PROTOCOLS = Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");

    private final Map<String, String> properties;

    private ClientSettings(Map<String, String> properties) {
        this.properties = properties;
    }

    /**
     * The settings of clients.
     *
     * @param properties Kafka's, and the user's name and password
     * @throws IllegalArgumentException naming the property that does not fit the others
     */
    public static Map<String, Object> of(Map<String, String> properties) {
        return new ClientSettings(properties).settings();
    }

    /**
     * Properties out of a configuration that has a value for some names: those that Kafka knows, each below {@code kafka.}.
     *
     * @param configuration the value of a name
     */
    public static Map<String, String> below(Function<String, Optional<String>> configuration) {
        Map<String, String> properties = new HashMap<>();
        for (String name : known()) {
            configuration.apply(PREFIX + name).ifPresent(value -> properties.put(name, value));
        }
        return properties;
    }

    /** Properties out of environment variables: {@code KAFKA_SASL_USERNAME} and so on. */
    public static Map<String, String> environment(Map<String, String> environment) {
        return below(name ->
                Optional.ofNullable(environment.get(name.replace('.', '_').toUpperCase(Locale.ROOT))));
    }

    /** Properties out of a file, as Kafka's own tools take it in {@code --command-config}. */
    public static Map<String, String> file(Path file) throws IOException {
        var read = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            read.load(in);
        }
        Map<String, String> properties = new HashMap<>();
        read.stringPropertyNames().forEach(name -> properties.put(name, read.getProperty(name)));
        return properties;
    }

    private static Set<String> known() {
        Set<String> names = new HashSet<>(Set.of(USERNAME, PASSWORD));
        names.addAll(AdminClientConfig.configNames());
        names.addAll(ConsumerConfig.configNames());
        names.addAll(ProducerConfig.configNames());
        return names;
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>(properties);
        settings.remove(USERNAME);
        settings.remove(PASSWORD);
        user(settings);
        protocol(settings);
        store(settings, "truststore", SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG, SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG);
        store(settings, "keystore", SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG, SslConfigs.SSL_KEYSTORE_TYPE_CONFIG);
        return settings;
    }

    private void user(Map<String, Object> settings) {
        String username = properties.get(USERNAME);
        String password = properties.get(PASSWORD);
        if (username == null && password == null) {
            return;
        }
        if (username == null || password == null) {
            throw wrong(username == null ? USERNAME : PASSWORD, "is missing: a user has a name and a password");
        }
        if (properties.containsKey(SaslConfigs.SASL_JAAS_CONFIG)) {
            throw wrong(
                    SaslConfigs.SASL_JAAS_CONFIG, "says who logs in, and so does sasl.username: leave one of them out");
        }
        settings.putIfAbsent(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_SSL");
        settings.putIfAbsent(SaslConfigs.SASL_MECHANISM, DEFAULT_MECHANISM);
        String module =
                switch (settings.get(SaslConfigs.SASL_MECHANISM).toString()) {
                    case "PLAIN" -> "plain.PlainLoginModule";
                    case "SCRAM-SHA-256", "SCRAM-SHA-512" -> "scram.ScramLoginModule";
                    default ->
                        throw wrong(
                                SaslConfigs.SASL_MECHANISM,
                                "has no user with a password unless it is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; write a"
                                        + " sasl.jaas.config for another one");
                };
        settings.put(
                SaslConfigs.SASL_JAAS_CONFIG,
                "org.apache.kafka.common.security.%s required username=\"%s\" password=\"%s\";"
                        .formatted(module, quoted(username), quoted(password)));
    }

    private static String quoted(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static void protocol(Map<String, Object> settings) {
        Object protocol = settings.getOrDefault(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "PLAINTEXT");
        if (!PROTOCOLS.contains(protocol.toString().toUpperCase(Locale.ROOT))) {
            throw wrong(
                    CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "must be SASL_SSL, SSL, SASL_PLAINTEXT or PLAINTEXT");
        }
        if (settings.containsKey(SaslConfigs.SASL_JAAS_CONFIG)
                && !protocol.toString().toUpperCase(Locale.ROOT).startsWith("SASL_")) {
            throw wrong(
                    CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
                    "must be SASL_SSL (or SASL_PLAINTEXT) where a user logs in");
        }
    }

    private static void store(Map<String, Object> settings, String what, String location, String type) {
        if (settings.get(location) == null) {
            return;
        }
        var file = Path.of(settings.get(location).toString());
        if (!Files.isReadable(file)) {
            throw wrong(location, "must be a file that can be read, with the " + what);
        }
        if (file.toString().matches(".*\\.(pem|crt|cer)")) {
            settings.putIfAbsent(type, "PEM");
        } else if (file.toString().matches(".*\\.(p12|pfx)")) {
            settings.putIfAbsent(type, "PKCS12");
        }
    }

    private static IllegalArgumentException wrong(String property, String why) {
        return new IllegalArgumentException("Kafka's " + property + " " + why + " (in the environment "
                + (PREFIX + property).replace('.', '_').toUpperCase(Locale.ROOT) + ")");
    }
}
