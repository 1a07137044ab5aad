package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.messaging.ClientSettings;
import io.lorikeet.messaging.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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
            description = "Brokers to begin with, separated by commas (KAFKA_BOOTSTRAP_SERVERS).")
    private String bootstrapServers;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = {
                "Properties of the Kafka client, for a cluster with TLS or SASL;",
                "the KAFKA_* variables of the services, if there is no such file."
            })
    private Path commandConfig;

    /** What is done with a cluster, with the settings of a client. */
    interface Work<T> {
        T with(Map<String, Object> client);
    }

    /** Does something with the cluster; what Kafka does not let us do comes as a {@link CliException}. */
    <T> T on(Work<T> work) {
        Map<String, Object> client = client();
        try {
            return work.with(client);
        } catch (IllegalStateException | KafkaException e) {
            throw new CliException(
                    "Kafka at " + bootstrapServers + ": "
                            + Refusal.of(e, client).map(Refusal::why).orElseGet(e::getMessage),
                    e);
        }
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    private Map<String, Object> client() {
        try {
            Map<String, String> properties = new HashMap<>(
                    commandConfig == null
                            ? ClientSettings.environment(System.getenv())
                            : ClientSettings.file(commandConfig));
            if (bootstrapServers == null) {
                bootstrapServers = properties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
            }
            if (bootstrapServers == null) {
                throw new ParameterException(
                        command.commandLine(), "Missing required option: '--bootstrap-servers=HOST:PORT'");
            }
            properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
            return ClientSettings.of(properties);
        } catch (IOException e) {
            throw new CliException("--command-config " + commandConfig + " cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CliException(e.getMessage(), e);
        }
    }
}
