package io.lorikeet.benchmarks.gateway;

import io.lorikeet.benchmarks.load.Pause;
import io.lorikeet.benchmarks.load.Samples;
import io.lorikeet.benchmarks.load.ServedInference;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.broker.EmbeddedBroker;
import io.lorikeet.cli.broker.KafkaLayout;
import io.lorikeet.cli.stack.PortPlan;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The figures of the gateway. */
final class GatewayBench {
    private static final String DIRECT = "the service itself";
    private static final String GATEWAY = "gateway, keys and traces on";
    private static final String UNTRACED = "gateway, keys on";
    private static final String PEER = "nginx, plain proxy";

    private static final int TOKENS = 8;
    private static final String QUESTION = """
            {"model":"base","stream":true,"temperature":0,"max_tokens":%d,"messages":[{"role":"user","content":"你是谁?"}]}""";

    /**
     * Questions with short answers through each gateway first: until its code is compiled, the compiler takes the cores for which the
     * model waits. A gateway that serves has been asked more than that.
     */
    private static final int COMPILED = 8_000;

    private static final int SHORT = 2;

    /** Questions each way that warm up and do not count, of so many clients that ask at once and do not wait. */
    private static final int WARM_UP = 500;

    private static final int WARM_UP_CLIENTS = 8;

    private static final double P50_MS = 1;
    private static final double P99_MS = 3;
    private static final double TIMES_THE_PEER = 2;
    private static final double MEMORY_MIB = 512;

    private final GatewayOptions options;
    private final Results results;

    private GatewayBench(GatewayOptions options) {
        this.options = options;
        this.results = new Results("gateway")
                .setting("model", options.model().getFileName())
                .setting("rounds", options.rounds())
                .setting("clients", options.clients())
                .setting("streams", options.streams());
    }

    static Results run(GatewayOptions options) throws IOException, InterruptedException {
        var bench = new GatewayBench(options);
        bench.firstToken();
        bench.manyStreams();
        return bench.results;
    }

    /** Where one asks, and with what. */
    private record Way(URI address, String key, Samples firstToken) {}

    /**
     * The same question every way, one after the other, in an order that turns; after each the client waits as long as the
     * answer took: half load.
     */
    private void firstToken() throws IOException, InterruptedException {
        System.out.println("first tokens: starting the inference service, a broker, the gateway"
                + options.peer().map(_ -> ", nginx").orElse(""));
        try (var inference = ServedInference.start(
                        options.state().resolve("inference"),
                        options.model(),
                        options.state(),
                        Map.of("LORIKEET_SERVED_MODEL_NAME", "base"));
                var traces = new TraceSink();
                var gateway = gateway("traced", inference, Optional.of(traces.address()));
                var untraced = gateway("untraced", inference, Optional.empty())) {
            Map<String, Way> ways = new LinkedHashMap<>();
            ways.put(DIRECT, new Way(inference.address(), "", new Samples()));
            ways.put(GATEWAY, new Way(gateway.address(), gateway.key(), new Samples()));
            ways.put(UNTRACED, new Way(untraced.address(), untraced.key(), new Samples()));
            if (options.peer().isEmpty()) {
                measure(ways);
            } else {
                try (var nginx = Nginx.start(options.peer().get(), options.state(), inference.address())) {
                    ways.put(PEER, new Way(nginx.address(), "", new Samples()));
                    measure(ways);
                }
            }
            results.goal(Goal.atLeast(Figure.count("bytes of traces", traces.bytes()), 1));
        }
    }

    private BenchedGateway gateway(String name, ServedInference inference, Optional<URI> traces) throws IOException {
        return BenchedGateway.start(
                options.state().resolve(name), inference.address(), inference.bootstrapServers(), traces);
    }

    private void measure(Map<String, Way> ways) throws InterruptedException {
        for (String gateway : List.of(GATEWAY, UNTRACED)) {
            ask(List.of(uncounted(ways.get(gateway))), SHORT, COMPILED, WARM_UP_CLIENTS, false);
        }
        ask(ways.values().stream().map(GatewayBench::uncounted).toList(), TOKENS, WARM_UP, WARM_UP_CLIENTS, false);
        ask(List.copyOf(ways.values()), TOKENS, options.rounds(), options.clients(), true);
        Samples direct = ways.get(DIRECT).firstToken();
        ways.forEach((name, way) -> results.row(
                name,
                Figure.of("first token p50", way.firstToken().median(), "ms"),
                Figure.of("p99", way.firstToken().p99(), "ms"),
                Figure.of("p50 over direct", way.firstToken().median() - direct.median(), "ms"),
                Figure.of("p99 over direct", way.firstToken().p99() - direct.p99(), "ms"),
                Figure.count("answers", way.firstToken().count())));
        double over = results.value(GATEWAY, "p50 over direct");
        results.goal(Goal.atMost(Figure.of("gateway's first token over direct, p50", over, "ms"), P50_MS));
        results.goal(Goal.atMost(Figure.of("the same, p99", results.value(GATEWAY, "p99 over direct"), "ms"), P99_MS));
        if (ways.containsKey(PEER)) {
            results.goal(Goal.atMost(
                    Figure.ratio(
                            "the gateway's p50 over direct to nginx's", over / results.value(PEER, "p50 over direct")),
                    TIMES_THE_PEER));
        }
    }

    private static Way uncounted(Way way) {
        return new Way(way.address(), way.key(), new Samples());
    }

    private static void ask(List<Way> ways, int tokens, int rounds, int clients, boolean waits)
            throws InterruptedException {
        all(clients, client -> {
            List<RawStream> connections = new ArrayList<>();
            for (Way way : ways) {
                connections.add(new RawStream(way.address(), way.key(), QUESTION.formatted(tokens), 0));
            }
            for (int round = client; round < rounds; round += clients) {
                for (int i = 0; i < ways.size(); i++) {
                    int turn = (round + i) % ways.size();
                    RawStream connection = connections.get(turn);
                    long begin = System.nanoTime();
                    connection.ask();
                    connection.next();
                    ways.get(turn).firstToken().add((System.nanoTime() - begin) / 1e6);
                    while (connection.next()) {
                        // to the end
                    }
                    if (waits) {
                        Pause.pause(Duration.ofNanos(System.nanoTime() - begin));
                    }
                }
            }
            for (RawStream connection : connections) {
                connection.close();
            }
        });
    }

    /** Many at once through one small gateway, a twentieth of which read nothing: the others have each token in time. */
    private void manyStreams() throws IOException, InterruptedException {
        int slow = options.streams() / 20;
        int tokens = 20;
        var pace = Duration.ofMillis(500);
        System.out.println(options.streams() + " streams, " + slow + " of them slow readers");
        List<Integer> ports = PortPlan.free(1);
        var late = new Samples();
        try (var broker = EmbeddedBroker.start(options.state().resolve("kafka"), ports.getFirst())) {
            KafkaLayout.apply(broker.bootstrapServers());
            try (var service = new PacedService(tokens, pace);
                    var traces = new TraceSink();
                    var gateway = BenchedGateway.start(
                            options.state().resolve("streams"),
                            service.address(),
                            broker.bootstrapServers(),
                            Optional.of(traces.address()))) {
                all(options.streams(), number -> {
                    // not all in the same millisecond: half a second for all of them to connect
                    Pause.pause(Duration.ofNanos(number * pace.toNanos() / options.streams()));
                    boolean reads = number >= slow;
                    try (var stream = new RawStream(
                            gateway.address(), gateway.key(), QUESTION.formatted(TOKENS), reads ? 0 : 4096)) {
                        stream.ask();
                        stream.next();
                        if (!reads) {
                            Pause.pause(pace.multipliedBy(tokens));
                            return;
                        }
                        long before = System.nanoTime();
                        while (stream.next()) {
                            long now = System.nanoTime();
                            late.add((now - before) / 1e6 - pace.toMillis());
                            before = now;
                        }
                    }
                });
                int whole = late.count() / (tokens - 1);
                long peak = gateway.memory().peak();
                results.row(
                        options.streams() + " streams",
                        Figure.count("whole", whole),
                        Figure.of("token late p50", late.median(), "ms"),
                        Figure.of("token late p99", late.p99(), "ms"),
                        Figure.memory("gateway's peak", peak));
                results.goal(Goal.atLeast(Figure.count("whole streams", whole), options.streams() - slow));
                results.goal(Goal.atMost(Figure.memory("gateway's memory", peak), MEMORY_MIB));
            }
        }
    }

    /** What one client does. */
    private interface Client {
        void run(int number) throws IOException;
    }

    private static void all(int clients, Client client) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int number = i;
                running.add(threads.submit(() -> {
                    client.run(number);
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new CliException("an answer failed: " + e.getCause().getMessage(), e);
        }
    }
}
