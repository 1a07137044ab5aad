package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.broker.KafkaLayout;
import io.lorikeet.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code topics}: brings a Kafka of one's own to the layout that the services need. */
@Command(
        name = "topics",
        description = {
            "Creates the topics that are missing on a Kafka cluster, and gives them and the trainers' share group",
            "their settings. Doing it again changes nothing.",
        })
public final class TopicsCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            required = true,
            description = "Brokers to begin with, separated by commas.")
    private String bootstrapServers;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties of the Kafka client, for a cluster with TLS or SASL.")
    private Path commandConfig;

    @Override
    public Integer call() {
        Map<String, Object> client = new HashMap<>(clientProperties());
        client.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        try {
            KafkaLayout.apply(client);
        } catch (IllegalStateException | KafkaException e) {
            throw new CliException("Kafka at " + bootstrapServers + ": " + e.getMessage(), e);
        }
        Terminal.current().note("Topics and the trainers' group are laid out on " + bootstrapServers);
        return 0;
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
