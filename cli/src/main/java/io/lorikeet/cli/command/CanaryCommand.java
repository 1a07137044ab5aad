package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.client.CanaryClient;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.contracts.Json;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code adapters canary}: a version that answers a share of an adapter's requests. */
@Command(
        name = "canary",
        description = {
            "Tries a version on a share of an adapter's requests. The gateway promotes it by itself if it keeps its bounds,",
            "and rolls it back if it fails more often, answers more slowly or answers its acceptance questions worse."
        },
        subcommands = {
            CanaryCommand.Start.class,
            CanaryCommand.Show.class,
            CanaryCommand.Share.class,
            CanaryCommand.Promote.class,
            CanaryCommand.End.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class CanaryCommand {
    @Mixin
    HelpOption help;

    /** Which adapter, and where. */
    static final class Target {
        @Mixin
        GatewayOption gateway;

        @Parameters(index = "0", paramLabel = "NAME")
        String adapter;

        CanaryClient client() {
            return gateway.client().canaries();
        }
    }

    /** {@code adapters canary start}. */
    @Command(name = "start", description = "Tries a version; what is not said is as the gateway's settings say.")
    static final class Start implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        Target target;

        @Parameters(index = "1", paramLabel = "VERSION", description = "One that `adapters` lists.")
        private String version;

        @Option(names = "--share", paramLabel = "SHARE", description = "Of the requests, above 0 to 1.")
        private Double share;

        @Option(names = "--min-requests", paramLabel = "N", description = "Answered before it is judged.")
        private Integer minRequests;

        @Option(
                names = "--max-error-rate",
                paramLabel = "RATE",
                description = "So much more of its requests may fail than of the stable version's.")
        private Double maxErrorRate;

        @Option(
                names = "--max-latency-ratio",
                paramLabel = "TIMES",
                description = "So many times the stable version's its median time may be.")
        private Double maxLatencyRatio;

        @Option(
                names = "--min-accepted",
                paramLabel = "PART",
                description = "So much of its acceptance questions has to be answered well.")
        private Double minAccepted;

        @Option(
                names = "--promote-after",
                paramLabel = "SECONDS",
                description = "So long it has to keep its bounds before it is promoted.")
        private Long promoteAfter;

        @Option(names = "--no-auto-promote", description = "It is promoted by `adapters canary promote` alone.")
        private boolean byHand;

        @Override
        public Integer call() {
            ObjectNode wanted = Json.mapper().createObjectNode().put("version", version);
            if (share != null) {
                wanted.put("share", share);
            }
            ObjectNode bounds = bounds();
            if (!bounds.isEmpty()) {
                wanted.set("bounds", bounds);
            }
            JsonNode canary = target.client().start(target.adapter, wanted);
            Terminal.current().out().println(answers(target.adapter, canary));
            return 0;
        }

        private ObjectNode bounds() {
            ObjectNode bounds = Json.mapper().createObjectNode();
            bounds.put("min_requests", minRequests)
                    .put("max_error_rate", maxErrorRate)
                    .put("max_latency_ratio", maxLatencyRatio)
                    .put("min_accepted", minAccepted)
                    .put("promote_after_seconds", promoteAfter);
            bounds.properties().removeIf(field -> field.getValue().isNull());
            return byHand ? bounds.put("auto_promote", false) : bounds;
        }
    }

    /** {@code adapters canary show}. */
    @Command(name = "show", description = "Says how it does, or what was decided last.")
    static final class Show implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        Target target;

        @Override
        public Integer call() {
            JsonNode adapter = target.gateway.client().adapter(target.adapter);
            JsonNode canary = adapter.path("canary");
            PrintStream out = Terminal.current().out();
            if (canary.isMissingNode()) {
                out.println(target.adapter + " has no canary.");
                JsonNode decision = adapter.path("decision");
                if (!decision.isMissingNode()) {
                    out.println(decision.path("version").asText() + ": "
                            + decision.path("kind").asText() + ", "
                            + decision.path("reason").asText());
                }
                return 0;
            }
            out.println(answers(target.adapter, canary));
            Table table = new Table("", "requests", "failed", "median s");
            row(table, canary.path("version").asText(), canary.path("canary"));
            row(table, adapter.path("version").asText(), canary.path("stable"));
            table.lines(Terminal.current().tableWidth()).forEach(out::println);
            out.println(canary.path("verdict").asText());
            return 0;
        }

        private static void row(Table table, String version, JsonNode figures) {
            JsonNode median = figures.path("median_seconds");
            table.row(
                    version,
                    figures.path("requests").asText(),
                    figures.path("failed").asText(),
                    median.isNumber() ? String.format(Locale.ROOT, "%.3f", median.asDouble()) : "-");
        }
    }

    /** {@code adapters canary share}. */
    @Command(name = "share", description = "Gives it another share of the requests.")
    static final class Share implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        Target target;

        @Parameters(index = "1", paramLabel = "SHARE", description = "Above 0 to 1.")
        private double share;

        @Override
        public Integer call() {
            JsonNode canary = target.client().share(target.adapter, share);
            Terminal.current().out().println(answers(target.adapter, canary));
            return 0;
        }
    }

    /** {@code adapters canary promote}. */
    @Command(name = "promote", description = "Makes it the stable version now.")
    static final class Promote implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        Target target;

        @Override
        public Integer call() {
            target.client().promote(target.adapter);
            Terminal.current().out().println("The canary of " + target.adapter + " is its stable version from now on.");
            return 0;
        }
    }

    /** {@code adapters canary end}. */
    @Command(name = "end", description = "Takes it back; the stable version answers all requests again.")
    static final class End implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        Target target;

        @Override
        public Integer call() {
            target.client().end(target.adapter);
            Terminal.current().out().println("The canary of " + target.adapter + " is taken back.");
            return 0;
        }
    }

    private static String answers(String adapter, JsonNode canary) {
        return String.format(
                Locale.ROOT,
                "%s answers %.1f %% of the requests of %s.",
                canary.path("version").asText(),
                canary.path("share").asDouble() * 100,
                adapter);
    }
}
