package io.lorikeet.cli.command;

import io.lorikeet.cli.hub.Hub;
import io.lorikeet.cli.hub.ModelPull;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.terminal.Terminal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code models}: base models. */
@Command(
        name = "models",
        description = "Brings base models here.",
        subcommands = {ModelsCommand.Pull.class})
public final class ModelsCommand implements Runnable {

    @Mixin
    HelpOption help;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** {@code models pull}. */
    @Command(
            name = "pull",
            description = {
                "Brings a base model from a hub into the models folder.",
                "Safetensors, tokenizer and configuration, every file checked by the hash that the hub lists. A pull that was cut",
                "off goes on where it was."
            })
    static final class Pull implements Callable<Integer> {

        private static final Duration PAUSE = Duration.ofSeconds(2);
        private static final long MEGABYTE = 1_000_000;

        @Mixin
        HelpOption help;

        @Parameters(paramLabel = "ORG/NAME", description = "As Qwen/Qwen2.5-7B-Instruct.")
        private String model;

        @Option(
                names = "--hub",
                paramLabel = "HUB",
                description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
        private Hub hub = Hub.HUGGINGFACE;

        @Option(
                names = "--endpoint",
                paramLabel = "URL",
                description = {
                    "A mirror (default: $$HF_ENDPOINT or $$MODELSCOPE_ENDPOINT, else the hub itself).",
                    "A token is read from $$HF_TOKEN or $$MODELSCOPE_API_TOKEN."
                })
        private URI endpoint;

        @Option(names = "--revision", paramLabel = "REVISION", description = "Branch, tag or commit.")
        private String revision;

        @Option(
                names = "--models",
                paramLabel = "DIR",
                description = "Where models are (default: models in the project).")
        private Path models;

        @Override
        public Integer call() {
            Terminal terminal = Terminal.current();
            Path folder = new ModelPull(hub, Optional.ofNullable(endpoint), System.getenv(), PAUSE)
                    .pull(
                            model,
                            Optional.ofNullable(revision),
                            models == null ? ProjectHome.current().models() : models,
                            new Progress(terminal));
            terminal.note("");
            terminal.out().println(folder + " is whole.");
            terminal.out().println("Serve it: ./lorikeet up --model " + folder);
            return 0;
        }

        /** A line that counts up where a person watches. */
        private static final class Progress implements ModelPull.Listener {
            private final Terminal terminal;
            private long all;
            private long so;
            private long shown = -1;

            Progress(Terminal terminal) {
                this.terminal = terminal;
            }

            @Override
            public void begins(int files, long bytes) {
                all = bytes;
                terminal.note("%d files, %,d MB to come".formatted(files, bytes / MEGABYTE));
            }

            @Override
            public void received(long bytes) {
                so += bytes;
                if (terminal.errInteractive() && so / MEGABYTE != shown) {
                    shown = so / MEGABYTE;
                    terminal.err().printf("\r%,d of %,d MB", shown, all / MEGABYTE);
                }
            }
        }
    }
}
