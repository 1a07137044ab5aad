package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.ProjectHome;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A main class of the packaged trainer, run beside the CLI: what needs the engine and no stack. */
public final class TrainerTool {
    private TrainerTool() {}

    /** A process builder that runs it with these arguments. */
    public static ProcessBuilder process(String mainClass, List<String> arguments) {
        Path app = ProjectHome.current().quarkusApp("trainer-service");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dai.djl.offline=true",
                "-Dstdout.encoding=UTF-8",
                "-Dstderr.encoding=UTF-8",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp",
                String.join(
                        File.pathSeparator,
                        app.resolve("app") + File.separator + "*",
                        app.resolve("lib/main") + File.separator + "*",
                        app.resolve("lib/boot") + File.separator + "*"),
                mainClass));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OPT_OUT_TRACKING", "true");
        return builder;
    }
}
