package io.lorikeet.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The environment variables that a packaged service knows, read from its {@code @ConfigMapping} in the package. */
final class ServiceSettings {
    private static final String HTTP = "io.lorikeet.http.HttpConfig";

    /** Of an image, each mapping's class and its prefix. */
    private static final Map<String, Map<String, String>> MAPPINGS = Map.of(
            "trainer", Map.of("io.lorikeet.trainer.service.TrainerConfig", "lorikeet"),
            "inference", Map.of("io.lorikeet.inference.InferenceConfig", "lorikeet", HTTP, "lorikeet.http"),
            "gateway", Map.of("io.lorikeet.gateway.GatewayConfig", "lorikeet", HTTP, "lorikeet.http"));

    private ServiceSettings() {}

    /** The module that makes the image. */
    static String module(String image) {
        return image.equals("gateway") || image.equals("cli") ? image : image + "-service";
    }

    /** {@code LORIKEET_…} variables of the image's service. */
    static Set<String> variables(String image) {
        Path app = Project.path(module(image)).resolve("target/quarkus-app");
        try (var loader = new URLClassLoader(jars(app), ClassLoader.getPlatformClassLoader())) {
            // apart from the tests' own classes, as the service brings other versions of the same libraries
            Class<?> configClass = loader.loadClass("io.smallrye.config.ConfigMappings$ConfigClass");
            var variables = new TreeSet<String>();
            for (var mapping : MAPPINGS.get(image).entrySet()) {
                Object of = configClass
                        .getMethod("configClass", Class.class, String.class)
                        .invoke(null, loader.loadClass(mapping.getKey()), mapping.getValue());
                Object properties = loader.loadClass("io.smallrye.config.ConfigMappings")
                        .getMethod("getProperties", configClass)
                        .invoke(null, of);
                for (Object name : ((Map<?, ?>) properties).keySet()) {
                    variables.add(
                            name.toString().replaceAll("[^a-zA-Z0-9]", "_").toUpperCase(Locale.ROOT));
                }
            }
            return variables;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The settings of " + image + " cannot be read", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URL[] jars(Path app) throws IOException {
        List<URL> jars = new ArrayList<>();
        for (String folder : List.of("app", "quarkus", "lib/boot", "lib/main")) {
            try (Stream<Path> files = Files.list(app.resolve(folder))) {
                for (Path jar : files.filter(it -> it.toString().endsWith(".jar"))
                        .sorted()
                        .toList()) {
                    jars.add(jar.toUri().toURL());
                }
            }
        }
        return jars.toArray(URL[]::new);
    }
}
