package io.lorikeet.deploy;

import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts what a container would run as a process of this machine. A container has its own host name, ports and file
 * system; this is the one place that says what they are here: every {@code host:port} and {@code :port} becomes a free port
 * of the loopback address, and every path of an image or a volume the folder that it comes from.
 */
final class LocalContainers {
    private static final Pattern ADDRESS =
            Pattern.compile("(?:kafka|trainer|inference|gateway|localhost|(?<=//)):(?<port>\\d{4,5})\\b");

    /** A container's /tmp is noexec: what would unpack a library there cannot here either. */
    private static final List<String> NO_PROGRAMS_IN_TMP =
            List.of("-DZstdTempFolder=/nowhere", "-Dorg.xerial.snappy.tempdir=/nowhere");

    private final Path state;
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    /** @param state everything that they write goes in here */
    LocalContainers(Path state) {
        this.state = state;
    }

    /** The folder of a named volume. */
    Path folder(String name) {
        return state.resolve(name);
    }

    /** The folder here of what an image's build stage made outside of the sources. */
    Path made(Dockerfile image, String path) {
        return state.resolve(image.name() + path);
    }

    /** The port here of the one that a container listens on. Two containers never listen on the same one. */
    int port(String containerPort) {
        return ports.computeIfAbsent(containerPort, _ -> PortPlan.free(1).getFirst());
    }

    /** A value of a container's environment or command, as it has to read here. */
    String here(String value, Map<String, Path> paths) {
        String local = replace(ADDRESS, value, address -> "127.0.0.1:" + port(address.group("port")));
        if (paths.isEmpty()) {
            return local;
        }
        String alternatives = paths.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|"));
        Pattern path = Pattern.compile("(?<![\\w./-])(" + alternatives + ")(?=[/,\"']|$)");
        return replace(path, local, match -> paths.get(match.group(1)).toString());
    }

    private static String replace(Pattern pattern, String value, Function<Matcher, String> with) {
        var matcher = pattern.matcher(value);
        var result = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(result, Matcher.quoteReplacement(with.apply(matcher)));
        }
        return matcher.appendTail(result).toString();
    }

    /** Paths in a container of one of our images to paths here. */
    Map<String, Path> paths(Dockerfile image, Compose.Service service) {
        var paths = new LinkedHashMap<String, Path>();
        image.copies()
                .forEach((target, source) ->
                        paths.put(target, source.startsWith("/") ? made(image, source) : Project.path(source)));
        paths.putAll(volumes(service));
        return paths;
    }

    /** The same for an image of others. */
    Map<String, Path> volumes(Compose.Service service) {
        var paths = new LinkedHashMap<String, Path>();
        for (String volume : service.volumes()) {
            int end = volume.indexOf(':');
            String source = volume.substring(0, end);
            String target = volume.substring(end + 1).replaceFirst(":r[ow]$", "");
            Path here = source.startsWith("/") ? Path.of(source) : volume(source);
            paths.put(target, here);
            mount(here, folder("mounts" + target));
            // a container has the folders above a mount point too
            for (Path above = Path.of(target).getParent(); above.getNameCount() > 0; above = above.getParent()) {
                paths.putIfAbsent(above.toString(), folder("mounts" + above));
            }
        }
        return paths;
    }

    /** A volume, which is there before whoever mounts it. */
    private Path volume(String name) {
        try {
            return Files.createDirectories(folder(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets a folder be seen where a container has it. No link for the project's own: one would lead out of a data root. */
    private void mount(Path folder, Path at) {
        if (Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createDirectories(at.getParent());
            if (folder.startsWith(Project.ROOT)
                    && at.getNameCount() > folder("mounts").getNameCount() + 1) {
                copy(folder, at);
            } else {
                Files.createSymbolicLink(at, folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path folder, Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path file : tree.toList()) {
                Files.copy(file, to.resolve(folder.relativize(file)));
            }
        }
    }

    /** What compose starts for a service with one of our images. */
    ProcessSpec spec(Compose.Service service) {
        return spec(service, service.name(), this::port);
    }

    /** The same as one of several replicas, with a name and ports of its own. */
    ProcessSpec replica(Compose.Service service, String name) {
        return spec(service, name, _ -> PortPlan.free(1).getFirst());
    }

    private ProcessSpec spec(Compose.Service service, String name, ToIntFunction<String> here) {
        Dockerfile image = Dockerfile.read(service.ours());
        Map<String, Path> paths = paths(image, service);
        List<String> command = Stream.concat(image.entrypoint().stream(), service.command().stream())
                .flatMap(word -> word.equals("java") ? java(NO_PROGRAMS_IN_TMP) : Stream.of(here(word, paths)))
                .toList();
        Map<String, String> environment = new LinkedHashMap<>(image.environment());
        environment.putAll(service.environment());
        environment.replaceAll((_, value) -> here(value, paths));
        // the network that a container has for itself
        List<Integer> listens = image.ports().stream().map(here::applyAsInt).toList();
        for (int i = 0; i < listens.size(); i++) {
            String server = i == listens.size() - 1 ? "QUARKUS_MANAGEMENT" : "QUARKUS_HTTP";
            environment.put(server + "_HOST", "127.0.0.1");
            environment.put(server + "_PORT", Integer.toString(listens.get(i)));
        }
        environment.put("HOME", folder("home").toString());
        int management = listens.isEmpty() ? 0 : listens.getLast();
        URI ready = URI.create("http://127.0.0.1:" + management + "/q/health/ready");
        return new ProcessSpec(
                name, listens.isEmpty() ? 0 : listens.getFirst(), command, environment, new Readiness.HttpOk(ready));
    }

    /** The image's health check, for here. */
    List<String> healthCheck(Compose.Service service, ProcessSpec spec) {
        Dockerfile image = Dockerfile.read(service.ours());
        String port = spec.environment().get("QUARKUS_MANAGEMENT_PORT");
        var command = new ArrayList<String>();
        for (String word : image.health()) {
            command.add(word.matches("\\d+") ? port : here(word, paths(image, service)));
        }
        return command;
    }

    ManagedProcess start(ProcessSpec spec) {
        return ManagedProcess.start(spec, folder("logs"));
    }

    private static Stream<String> java(List<String> options) {
        return Stream.concat(Stream.of(java()), options.stream());
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
