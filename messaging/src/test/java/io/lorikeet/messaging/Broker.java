package io.lorikeet.messaging;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;

/** A real broker in this JVM, which can be stopped and started again on its folder. */
final class Broker implements AutoCloseable {
    private static final String CLUSTER_ID = "bG9yaWtlZXQtbWVzc2FnZQ";

    private final Path folder;
    private final Properties properties = new Properties();
    private KafkaRaftServer server;

    Broker(Path folder) throws IOException {
        this.folder = folder;
        int port = freePort();
        int controller = freePort();
        properties.putAll(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@127.0.0.1:" + controller,
                "controller.listener.names", "CONTROLLER",
                "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
                "advertised.listeners", "PLAINTEXT://127.0.0.1:" + port,
                "log.dirs", folder.resolve("logs").toString(),
                "log.cleaner.dedupe.buffer.size", "2097152",
                "auto.create.topics.enable", "false"));
        properties.putAll(Map.of(
                "offsets.topic.replication.factor", "1",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "transaction.state.log.num.partitions", "1"));
        var file = folder.resolve("server.properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        StorageTool.execute(
                new String[] {"format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", file.toString()},
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        start();
    }

    void start() {
        server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
        server.startup();
    }

    void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    Map<String, Object> connection() {
        var listener = properties.getProperty("advertised.listeners");
        return Map.of("bootstrap.servers", listener.substring(listener.indexOf("//") + 2));
    }

    /** The file that the first records of a topic's only partition lie in. */
    Path segment(String topic) {
        return folder.resolve("logs").resolve(topic + "-0").resolve("00000000000000000000.log");
    }

    void create(String topic, int partitions) throws Exception {
        try (var admin = Admin.create(connection())) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
        }
    }

    /** Writes records in order. */
    void send(String topic, Map<String, Object> settings, List<byte[]> values) throws Exception {
        var all = new HashMap<>(connection());
        all.putAll(settings);
        try (var producer = new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
            var sent = new ArrayList<Future<?>>();
            for (var value : values) {
                sent.add(producer.send(new ProducerRecord<>(topic, "a".getBytes(StandardCharsets.UTF_8), value)));
            }
            for (var each : sent) {
                each.get();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
