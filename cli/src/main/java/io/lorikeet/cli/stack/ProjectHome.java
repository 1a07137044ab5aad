package io.lorikeet.cli.stack;

import io.lorikeet.cli.CliException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where things lie in the project folder that this command belongs to. */
public record ProjectHome(Path root) {

    /** Set by the launcher; the folder that it lies in. */
    public static final String PROPERTY = "lorikeet.home";

    public ProjectHome {
        root = root.toAbsolutePath().normalize();
    }

    /** The one that the launcher names, else the working directory. */
    public static ProjectHome current() {
        return new ProjectHome(Path.of(System.getProperty(PROPERTY, "")));
    }

    public Path defaultState() {
        return root.resolve(".lorikeet");
    }

    public Path models() {
        return root.resolve("models");
    }

    public Path defaultModel() {
        return models().resolve("fledgling");
    }

    public Path demoExample() {
        return root.resolve("examples/self_cognition");
    }

    /** The packaged service's folder; its runnable jar is {@code quarkus-run.jar} in it. */
    public Path quarkusApp(String module) {
        Path app = root.resolve(module).resolve("target/quarkus-app");
        if (!Files.isRegularFile(app.resolve("quarkus-run.jar"))) {
            throw new CliException(
                    "The " + module + " is not built (" + app + " is missing); `./lorikeet build` builds it.");
        }
        return app;
    }
}
