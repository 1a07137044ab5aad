package io.lorikeet.deploy;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the last stage of {@code deploy/docker/NAME.Dockerfile} puts into an image.
 *
 * @param copies path in the image to the path in the project's folder it comes from; absolute for what the build stage
 *     made outside of it
 * @param environment of each container
 * @param ports that it listens on; the last is the one for health and metrics
 * @param health command that tells whether it is ready; empty if there is none
 * @param stages instructions of all stages, for rules about them
 */
record Dockerfile(
        String name,
        Map<String, String> copies,
        Map<String, String> environment,
        List<String> entrypoint,
        List<String> ports,
        List<String> health,
        String user,
        List<String> stages) {
    private static final String SOURCES = "/src/";
    private static final Pattern VARIABLE = Pattern.compile("(\\w+)=(\\S+)");

    static Dockerfile read(String name) {
        String text;
        try {
            text = Files.readString(Project.path("deploy/docker/" + name + ".Dockerfile"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> lines = text.replaceAll("\\\\\n\\s*", " ")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        int last = 0;
        for (int i = 0; i < lines.size(); i++) {
            last = lines.get(i).startsWith("FROM ") ? i : last;
        }
        var copies = new LinkedHashMap<String, String>();
        var environment = new LinkedHashMap<String, String>();
        List<String> entrypoint = List.of();
        List<String> ports = List.of();
        List<String> health = List.of();
        String user = "root";
        for (String line : lines.subList(last + 1, lines.size())) {
            String arguments = line.substring(line.indexOf(' ') + 1);
            switch (line.substring(0, line.indexOf(' '))) {
                case "COPY" -> {
                    int space = arguments.lastIndexOf(' ');
                    String source = arguments.substring(0, space).replace("--from=build ", "");
                    copies.put(
                            arguments.substring(space + 1),
                            source.startsWith(SOURCES) ? source.substring(SOURCES.length()) : source);
                }
                case "ENV" ->
                    VARIABLE.matcher(arguments).results().forEach(it -> environment.put(it.group(1), it.group(2)));
                case "ENTRYPOINT" -> entrypoint = array(arguments);
                case "EXPOSE" -> ports = List.of(arguments.split(" ", -1));
                case "HEALTHCHECK" -> health = array(arguments.substring(arguments.indexOf('[')));
                case "USER" -> user = arguments;
                default -> {}
            }
        }
        return new Dockerfile(name, copies, environment, entrypoint, ports, health, user, lines);
    }

    private static List<String> array(String json) {
        try {
            return Project.JSON.readValue(json, new TypeReference<ArrayList<String>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }
}
