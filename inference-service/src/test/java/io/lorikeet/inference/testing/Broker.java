package io.lorikeet.inference.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/** A real Kafka broker in this JVM, one for all tests; and the model and the folders that the service is started on. */
public class Broker implements QuarkusTestResourceLifecycleManager {
    private static final String CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg";

    private KafkaRaftServer server;
    private Path folder;

    @Override
    public Map<String, String> start() {
        int port = freePort();
        int controller = freePort();
        try {
            folder = Files.createTempDirectory("lorikeet-broker");
            var config = folder.resolve("server.properties");
            var properties = properties(port, controller);
            try (var out = Files.newOutputStream(config)) {
                properties.store(out, null);
            }
            StorageTool.execute(
                    new String[] {"format", "--ignore-formatted", "-t", CLUSTER, "-c", config.toString()},
                    new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
            server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
            server.startup();
            Files.createDirectories(Checkpoints.ROOT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var bootstrap = "127.0.0.1:" + port;
        fill(bootstrap);
        return Map.of(
                "quarkus.http.test-port", "0",
                "quarkus.management.test-port", "0",
                "lorikeet.max-num-seqs", "4",
                "lorikeet.max-num-waiting", "16",
                "lorikeet.swap.attempts", "6",
                "lorikeet.swap.first-delay", "100ms",
                "lorikeet.swap.max-delay", "1s",
                "kafka.bootstrap.servers", bootstrap,
                "lorikeet.model", TestModel.create().toAbsolutePath().toString(),
                "lorikeet.adapters-root", Checkpoints.ROOT.toAbsolutePath().toString());
    }

    /** What is to be on the topics before the service starts: nothing. */
    protected void fill(String bootstrapServers) {}

    @Override
    public void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Properties properties(int port, int controller) {
        var properties = new Properties();
        properties.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                "1",
                "controller.quorum.voters",
                "1@127.0.0.1:" + controller,
                "listeners",
                "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
                "advertised.listeners",
                "PLAINTEXT://127.0.0.1:" + port,
                "controller.listener.names",
                "CONTROLLER",
                "log.dirs",
                folder.resolve("log").toString(),
                "log.cleaner.dedupe.buffer.size",
                "2097152"));
        properties.putAll(Map.of(
                "offsets.topic.num.partitions", "1",
                "offsets.topic.replication.factor", "1",
                "transaction.state.log.num.partitions", "1",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "share.coordinator.state.topic.num.partitions", "1",
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1",
                "group.initial.rebalance.delay.ms", "0"));
        return properties;
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
