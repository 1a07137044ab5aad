package io.lorikeet.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code docker-compose.yml} as docker-compose reads it: variables filled in, anchors merged. */
final class Compose {
    /**
     * A service.
     *
     * @param volumes {@code source:target[:mode]}, sources absolute or names of volumes
     */
    record Service(
            String name,
            String image,
            List<String> command,
            Map<String, String> environment,
            List<String> volumes,
            List<String> profiles,
            JsonNode yaml) {
        /** The name of the image of ours that it runs, {@code trainer} for {@code lorikeet/trainer:latest}; else null. */
        String ours() {
            return image.startsWith("lorikeet/") ? image.substring("lorikeet/".length(), image.indexOf(':')) : null;
        }
    }

    private final Map<String, Service> services = new LinkedHashMap<>();
    private final JsonNode yaml;

    private Compose(JsonNode yaml) {
        this.yaml = yaml;
        yaml.get("services").properties().forEach(entry -> services.put(entry.getKey(), service(entry)));
    }

    /** Lets docker-compose check and read it. */
    static Compose read() {
        return read(Map.of());
    }

    /** The same for whoever has these variables set. */
    static Compose read(Map<String, String> set) {
        // whoever runs the tests may have an account with AWS
        var command = new ArrayList<>(List.of("env"));
        System.getenv().keySet().stream()
                .filter(variable -> variable.matches("(AWS|LORIKEET|COMPOSE|QUARKUS)_.*"))
                .forEach(variable -> command.addAll(List.of("-u", variable)));
        set.forEach((variable, value) -> command.add(variable + "=" + value));
        command.addAll(List.of("docker-compose", "config"));
        String config = Tool.run(command, Map.of()).orThrow();
        try {
            return new Compose(Project.YAML.readTree(config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Service> services() {
        return List.copyOf(services.values());
    }

    Service service(String name) {
        return services.get(name);
    }

    JsonNode yaml() {
        return yaml;
    }

    private static Service service(Map.Entry<String, JsonNode> entry) {
        JsonNode yaml = entry.getValue();
        var environment = new LinkedHashMap<String, String>();
        yaml.path("environment").properties().forEach(variable -> {
            // what is handed through and not set is not set in the container
            if (!variable.getValue().isNull()) {
                environment.put(variable.getKey(), variable.getValue().asText());
            }
        });
        return new Service(
                entry.getKey(),
                yaml.path("image").asText(),
                texts(yaml.path("command")),
                environment,
                texts(yaml.path("volumes")),
                texts(yaml.path("profiles")),
                yaml);
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
