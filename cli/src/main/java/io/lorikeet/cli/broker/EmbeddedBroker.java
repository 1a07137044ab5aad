package io.lorikeet.cli.broker;

import io.lorikeet.contracts.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/**
 * A real Apache Kafka broker in this JVM: one KRaft node that is controller and broker at once, listening on the
 * loopback address only. What it stores stays in its folder, so a restart on the same folder goes on from there.
 */
public final class EmbeddedBroker implements AutoCloseable {

    /** A folder that was formatted under another id is refused by Kafka, so the id never changes. */
    private static final String CLUSTER_ID = "bG9yaWtlZXQtbG9jYWwtMQ";

    private static final String HOST = "127.0.0.1";

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private EmbeddedBroker(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * One more port on which it listens, with a protocol of its own.
     *
     * @param name in capitals
     * @param protocol {@code SASL_SSL} and so on
     * @param settings of this listener alone: certificates, mechanisms, users
     */
    public record Listener(String name, int port, String protocol, Map<String, String> settings) {}

    /** Formats {@code directory} if it is new, and starts the broker on {@code port}, and on those of the listeners. */
    public static EmbeddedBroker start(Path directory, int port, Listener... more) {
        try {
            Files.createDirectories(directory);
            Properties properties = properties(directory, port, freePort());
            for (Listener listener : more) {
                add(properties, listener);
            }
            Path file = directory.resolve("server.properties");
            try (var out = Files.newBufferedWriter(file)) {
                properties.store(out, "written at each start");
            }
            format(file);
            var server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
            server.startup();
            return new EmbeddedBroker(server, HOST + ":" + port);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The broker's folder " + directory + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Where clients connect, as {@code bootstrap.servers} takes it. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Blocks until the broker has been shut down. */
    public void awaitShutdown() {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static void format(Path propertiesFile) throws IOException {
        var said = new ByteArrayOutputStream();
        String[] arguments = {"format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", propertiesFile.toString()};
        int status;
        try (var out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            status = StorageTool.execute(arguments, out);
        }
        if (status != 0) {
            throw new IOException("Kafka does not format it: "
                    + said.toString(StandardCharsets.UTF_8).strip());
        }
    }

    private static void add(Properties properties, Listener listener) {
        String address = listener.name() + "://" + HOST + ":" + listener.port();
        properties.merge("listeners", address, EmbeddedBroker::joined);
        properties.merge("advertised.listeners", address, EmbeddedBroker::joined);
        properties.merge(
                "listener.security.protocol.map", listener.name() + ":" + listener.protocol(), EmbeddedBroker::joined);
        String prefix = "listener.name." + listener.name().toLowerCase(Locale.ROOT) + ".";
        listener.settings().forEach((name, value) -> properties.setProperty(prefix + name, value));
    }

    private static Object joined(Object before, Object one) {
        return before + "," + one;
    }

    private static Properties properties(Path directory, int port, int controllerPort) {
        var p = new Properties();
        p.setProperty("process.roles", "broker,controller");
        p.setProperty("node.id", "1");
        p.setProperty("log.dirs", directory.resolve("data").toAbsolutePath().toString());
        p.setProperty("listeners", "BROKER://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort);
        p.setProperty("advertised.listeners", "BROKER://" + HOST + ":" + port);
        p.setProperty("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.setProperty("inter.broker.listener.name", "BROKER");
        p.setProperty("controller.listener.names", "CONTROLLER");
        p.setProperty("controller.quorum.voters", "1@" + HOST + ":" + controllerPort);

        // One node holds every internal topic, once.
        for (String internal :
                new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
            p.setProperty(internal + ".replication.factor", "1");
            p.setProperty(internal + ".num.partitions", "1");
        }
        p.setProperty("transaction.state.log.min.isr", "1");
        p.setProperty("share.coordinator.state.topic.min.isr", "1");

        p.setProperty("auto.create.topics.enable", "false");
        // The broker writes dead letters only to topics whose name begins so; its default is "dlq.".
        p.setProperty("errors.deadletterqueue.topic.name.prefix", Topics.COMMANDS_DLQ);
        p.setProperty("group.initial.rebalance.delay.ms", "0");
        // A trainer is given its partition with its second heartbeat; five seconds, the default, would be seen.
        p.setProperty("group.share.min.heartbeat.interval.ms", "500");
        p.setProperty("group.share.heartbeat.interval.ms", "500");
        // A broker that was killed is let in again when its last session has ended; after nine seconds, the default.
        p.setProperty("broker.session.timeout.ms", "3000");
        p.setProperty("broker.heartbeat.interval.ms", "500");
        p.setProperty("num.network.threads", "1");
        p.setProperty("num.io.threads", "2");
        p.setProperty("background.threads", "2");
        p.setProperty("log.cleaner.dedupe.buffer.size", "2097152");
        return p;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
