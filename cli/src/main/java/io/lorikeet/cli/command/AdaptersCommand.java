package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code adapters}: what is served. */
@Command(
        name = "adapters",
        description =
                "Lists the adapters, the version that each is to serve and how many replicas do, or changes that.",
        subcommands = {
            AdaptersCommand.Promote.class,
            AdaptersCommand.Rollback.class,
            AdaptersCommand.Retire.class,
            CanaryCommand.class,
            VersionFilesCommands.Download.class,
            VersionFilesCommands.Upload.class,
            VersionFilesCommands.Delete.class
        })
public final class AdaptersCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        List<JsonNode> adapters = gateway.client().adapters();
        if (adapters.isEmpty()) {
            terminal.out().println("No adapters yet; the base model answers.");
            return 0;
        }
        Table table = new Table("adapter", "serves", "replicas", "other versions");
        for (JsonNode adapter : adapters) {
            String served = adapter.path("version").asText("-");
            String others = StreamSupport.stream(adapter.path("versions").spliterator(), false)
                    .map(version -> version.path("version").asText())
                    .filter(version -> !version.equals(served))
                    .collect(Collectors.joining(", "));
            table.row(adapter.path("name").asText(), served, AtReplicas.summary(adapter), others);
        }
        table.lines(terminal.tableWidth()).forEach(terminal.out()::println);
        adapters.stream()
                .flatMap(AtReplicas::differences)
                .flatMap(line -> Table.wrap(line, terminal.tableWidth()).stream())
                .forEach(terminal.out()::println);
        return 0;
    }

    /** {@code adapters promote}. */
    @Command(name = "promote", description = "Serves a version from now on, whether or not it was served before.")
    static final class Promote implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        GatewayOption gateway;

        @Parameters(index = "0", paramLabel = "NAME")
        private String adapter;

        @Parameters(index = "1", paramLabel = "VERSION", description = "One that `adapters` lists.")
        private String version;

        @Option(names = "--force", description = "Even if its acceptance failed, or its job was not to serve it.")
        private boolean force;

        @Override
        public Integer call() {
            gateway.client().promote(adapter, version, force);
            Terminal.current().out().println(adapter + " serves " + version + " from now on.");
            return 0;
        }
    }

    /** {@code adapters rollback}. */
    @Command(name = "rollback", description = "Serves an older version of an adapter again.")
    static final class Rollback implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        GatewayOption gateway;

        @Parameters(index = "0", paramLabel = "NAME")
        private String adapter;

        @Parameters(index = "1", arity = "0..1", paramLabel = "VERSION", description = "Default: the one before.")
        private String version;

        @Override
        public Integer call() {
            JsonNode now = gateway.client().rollback(adapter, version);
            Terminal.current()
                    .out()
                    .println(adapter + " goes back to " + now.path("version").asText() + ".");
            return 0;
        }
    }

    /** {@code adapters retire}. */
    @Command(name = "retire", description = "Stops serving an adapter; its files stay.")
    static final class Retire implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        GatewayOption gateway;

        @Parameters(paramLabel = "NAME")
        private String adapter;

        @Override
        public Integer call() {
            gateway.client().retire(adapter);
            Terminal.current().out().println(adapter + " is no longer served.");
            return 0;
        }
    }
}
