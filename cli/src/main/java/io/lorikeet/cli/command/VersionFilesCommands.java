package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands under {@code adapters} that move files. */
final class VersionFilesCommands {
    private VersionFilesCommands() {}

    /** {@code adapters download}. */
    @Command(name = "download", description = "Saves a version as a zip with its PEFT folder.")
    static final class Download implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        GatewayOption gateway;

        @Parameters(index = "0", paramLabel = "NAME")
        private String adapter;

        @Parameters(index = "1", arity = "0..1", paramLabel = "VERSION", description = "Default: the one served.")
        private String version;

        @Option(names = "--output", paramLabel = "FILE", description = "Default: NAME.zip here.")
        private Path output;

        @Override
        public Integer call() {
            GatewayClient client = gateway.client();
            String wanted = version == null ? served(client) : version;
            Path to = output == null ? Path.of(adapter + ".zip") : output;
            client.files().download(adapter, wanted, to);
            Terminal.current().out().println(adapter + " " + wanted + " is in " + to + ".");
            return 0;
        }

        private String served(GatewayClient client) {
            JsonNode served = client.adapter(adapter).path("version");
            if (!served.isTextual()) {
                throw new CliException(
                        "No version of " + adapter + " is served: name one that `./lorikeet adapters` lists.");
            }
            return served.textValue();
        }
    }

    /** {@code adapters upload}. */
    @Command(
            name = "upload",
            description = {
                "Adds an adapter that was trained elsewhere with PEFT, for the base that is served.",
                "A replica checks it; `ask --adapter NAME --version VERSION` tries it, `adapters promote` serves it."
            })
    static final class Upload implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        GatewayOption gateway;

        @Parameters(index = "0", paramLabel = "NAME", description = "The name that it gets.")
        private String adapter;

        @Parameters(
                index = "1",
                paramLabel = "FOLDER|ZIP",
                description = "With adapter_config.json and adapter_model.safetensors.")
        private Path from;

        @Option(
                names = "--system",
                paramLabel = "TEXT",
                description = "System prompt that it was trained with (default: the model's own).")
        private String system;

        @Override
        public Integer call() {
            JsonNode taken = gateway.client().files().upload(adapter, from, system);
            String version = taken.path("version").asText();
            Terminal terminal = Terminal.current();
            terminal.out().println(adapter + " has version " + version + ".");
            terminal.note("Serve it: ./lorikeet adapters promote " + adapter + " " + version);
            return 0;
        }
    }

    /** {@code adapters delete}. */
    @Command(name = "delete", description = "Deletes the files of a version that is not served.")
    static final class Delete implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        GatewayOption gateway;

        @Parameters(index = "0", paramLabel = "NAME")
        private String adapter;

        @Parameters(index = "1", paramLabel = "VERSION", description = "One that `adapters` lists.")
        private String version;

        @Override
        public Integer call() {
            gateway.client().files().delete(adapter, version);
            Terminal.current().out().println(adapter + " " + version + " is deleted.");
            return 0;
        }
    }
}
