package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.ProjectHome;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code conformance}: the engine, as the services run it, against reference results. */
@Command(
        name = "conformance",
        description = {
            "Compares the engine with a folder of reference results: model/, expected.safetensors, adapter-initial/,",
            "adapter-trained/, training-batches.safetensors, training-expected.json; or adapters/ of every kind; or",
            "long-expected.safetensors.",
            "Prints a line for each comparison; exit code 0 if all are within their bounds."
        })
public final class ConformanceCommand implements Callable<Integer> {

    private static final String MAIN = "io.lorikeet.engine.conformance.ConformanceMain";

    @Mixin
    HelpOption help;

    @Parameters(paramLabel = "DIR")
    private Path directory;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, in float32, or cuda:N, in bfloat16; ${DEFAULT-VALUE} unless given")
    private String device;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path libraries = ProjectHome.current().quarkusApp("inference-service").resolve("lib/main");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dai.djl.offline=true",
                "-cp",
                libraries + File.separator + "*",
                MAIN,
                directory.toString(),
                device);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("OPT_OUT_TRACKING", "true");
        return builder.start().waitFor();
    }
}
