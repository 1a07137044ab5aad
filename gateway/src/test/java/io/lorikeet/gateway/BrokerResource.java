package io.lorikeet.gateway;

import io.lorikeet.contracts.Topics;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.utils.Time;

/** A real broker in this JVM, with the topics unless {@code topics=none}. */
public class BrokerResource implements QuarkusTestResourceLifecycleManager {
    private static final String CLUSTER_ID = "bG9yaWtlZXQtdGVzdHMxMA";
    private static BrokerResource running;

    private boolean withTopics = true;
    private Path directory;
    private Path configuration;
    private Properties properties;
    private String bootstrapServers;
    private KafkaRaftServer server;

    public static BrokerResource running() {
        return running;
    }

    @Override
    public void init(Map<String, String> args) {
        withTopics = !"none".equals(args.get("topics"));
    }

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("lorikeet-broker");
            configure();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run();
        if (withTopics) {
            createTopics();
        }
        running = this;
        return Map.of(
                "kafka.bootstrap.servers", bootstrapServers,
                "quarkus.http.test-port", "0",
                "quarkus.management.test-port", "0");
    }

    @Override
    public void stop() {
        halt();
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, again on the same folder if it was halted. */
    void run() {
        server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
        server.startup();
    }

    void halt() {
        server.shutdown();
        server.awaitShutdown();
    }

    public void createTopics() {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            var compacted = new NewTopic(Topics.CHECKPOINTS, 2, (short) 1).configs(Map.of("cleanup.policy", "compact"));
            admin.createTopics(List.of(
                            new NewTopic(Topics.COMMANDS, 2, (short) 1),
                            new NewTopic(Topics.REPLICAS, 1, (short) 1),
                            new NewTopic(Topics.EVENTS, 3, (short) 1),
                            compacted))
                    .all()
                    .get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has a topic compacted as soon as there is anything to compact. */
    void compactAtOnce(String topic) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var settings = Map.of(
                        "segment.ms", "1",
                        "min.cleanable.dirty.ratio", "0.001",
                        "delete.retention.ms", "1")
                .entrySet()
                .stream()
                .map(each ->
                        new AlterConfigOp(new ConfigEntry(each.getKey(), each.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.incrementalAlterConfigs(Map.of(resource, settings)).all().get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    private void configure() throws IOException {
        int port = freePort();
        int controller = freePort();
        bootstrapServers = "127.0.0.1:" + port;
        properties = new Properties();
        properties.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controller),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller),
                Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("log.dirs", directory.resolve("logs").toString()),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.num.partitions", "1"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("log.cleaner.backoff.ms", "200"),
                Map.entry("log.cleaner.dedupe.buffer.size", "2097152")));
        configuration = directory.resolve("server.properties");
        try (var out = Files.newOutputStream(configuration)) {
            properties.store(out, null);
        }
        var said = new ByteArrayOutputStream();
        int status = StorageTool.execute(
                new String[] {"format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", configuration.toString()},
                new PrintStream(said));
        if (status != 0) {
            throw new IllegalStateException("formatting failed: " + said);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
