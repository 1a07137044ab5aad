package io.lorikeet.deploy;

import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Kafka as its official image starts it: {@code kafka.docker.KafkaDockerWrapper} makes the broker's properties of the
 * container's environment and formats its folder, {@code kafka.Kafka} runs it. Both are in the broker's own jar.
 */
final class ContainerKafka {
    private ContainerKafka() {}

    /** Sets it up; returns what runs it. */
    static ProcessSpec setUp(LocalContainers local, Compose.Service kafka) {
        Map<String, String> environment = new LinkedHashMap<>(kafka.environment());
        environment.replaceAll((_, value) -> local.here(value, local.volumes(kafka)));
        Path config = local.folder("kafka-config");
        try {
            for (String folder : List.of("default", "mounted", "final")) {
                Files.createDirectories(config.resolve(folder));
            }
            for (String file : List.of("server.properties", "log4j2.yaml", "tools-log4j2.yaml")) {
                Files.writeString(config.resolve("default").resolve(file), "");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> java = List.of(LocalContainers.java(), "-cp", System.getProperty("java.class.path"));
        Tool.run(
                        concat(
                                java,
                                "kafka.docker.KafkaDockerWrapper",
                                "setup",
                                "--default-configs-dir",
                                config.resolve("default").toString(),
                                "--mounted-configs-dir",
                                config.resolve("mounted").toString(),
                                "--final-configs-dir",
                                config.resolve("final").toString()),
                        environment)
                .orThrow();
        return new ProcessSpec(
                kafka.name(),
                local.port("9092"),
                concat(
                        java,
                        "kafka.Kafka",
                        config.resolve("final").resolve("server.properties").toString()),
                environment,
                // the topics' own container waits for it
                new Readiness.HttpOk(URI.create("http://127.0.0.1")));
    }

    private static List<String> concat(List<String> first, String... more) {
        var all = new java.util.ArrayList<>(first);
        all.addAll(List.of(more));
        return all;
    }
}
