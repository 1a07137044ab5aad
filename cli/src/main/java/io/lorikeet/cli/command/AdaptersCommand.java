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

/** {@code adapters}: what is served. */
@Command(name = "adapters", description = "Lists the adapters and the version that each serves.")
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
        Table table = new Table("adapter", "serves", "other versions");
        for (JsonNode adapter : adapters) {
            String served = adapter.path("version").asText("-");
            String others = StreamSupport.stream(adapter.path("versions").spliterator(), false)
                    .map(version -> version.path("checkpoint").path("version").asText())
                    .filter(version -> !version.equals(served))
                    .collect(Collectors.joining(", "));
            table.row(adapter.path("name").asText(), served, others);
        }
        table.lines(Integer.MAX_VALUE).forEach(terminal.out()::println);
        return 0;
    }
}
