package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that lead to a Kafka cluster of one's own. */
final class KafkaOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "Brokers to begin with, separated by commas. Required.")
    private String bootstrapServers;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties of the Kafka client, for a cluster with TLS or SASL.")
    private Path commandConfig;

    /** What is done with a cluster, with the settings of a client. */
    interface Work<T> {
        T with(Map<String, Object> client);
    }

    /** Does something with the cluster; what Kafka does not let us do comes as a {@link CliException}. */
    <T> T on(Work<T> work) {
        if (bootstrapServers == null) {
            throw new ParameterException(
                    command.commandLine(), "Missing required option: '--bootstrap-servers=HOST:PORT'");
        }
        Map<String, Object> client = new HashMap<>(clientProperties());
        client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        try {
            return work.with(client);
        } catch (IllegalStateException | KafkaException e) {
            throw new CliException("Kafka at " + bootstrapServers + ": " + e.getMessage(), e);
        }
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    private Map<String, Object> clientProperties() {
        if (commandConfig == null) {
            return Map.of();
        }
        var properties = new Properties();
        try (var in = Files.newBufferedReader(commandConfig)) {
            properties.load(in);
        } catch (IOException e) {
            throw new CliException("--command-config " + commandConfig + " cannot be read: " + e.getMessage(), e);
        }
        Map<String, Object> settings = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return settings;
    }
}
