package io.lorikeet.benchmarks.swaps;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.load.ChatClient;
import io.lorikeet.benchmarks.load.ClosedLoop;
import io.lorikeet.benchmarks.load.Faults;
import io.lorikeet.benchmarks.load.NumberedAdapters;
import io.lorikeet.benchmarks.load.Samples;
import io.lorikeet.benchmarks.load.ServedInference;
import io.lorikeet.benchmarks.load.StreamedAnswer;
import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.CheckpointEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Swaps adapters of a service under load. Blocks of swaps and blocks without take turns, so that both see the same machine.
 * A swap's time runs from before its event is sent to the first token of an answer that names the new version; the next
 * swap comes then.
 */
public final class SwapBench {
    private static final Duration LONGEST_SWAP = Duration.ofSeconds(60);
    private static final int DRAINING = 6;
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final double MAX_GAP_RATIO = 1.5;
    private static final double MAX_SWAP_MILLIS = 250;
    private static final double MAX_GROWTH = 1.02;

    private final SwapOptions options;
    private final NumberedAdapters adapters;
    private final ServedInference service;
    private final ChatClient prober;
    private final ClosedLoop load;
    private final List<String> names;
    private final Map<String, CheckpointEvent> served = new HashMap<>();
    private final Samples gapsWithout = new Samples();
    private final Samples gapsDuring = new Samples();
    private final Samples swapTimes = new Samples();
    private final Faults stale = new Faults();
    private final Memory early = new Memory(new Samples(), new Samples());
    private final Memory late = new Memory(new Samples(), new Samples());
    private long serial;

    /** Bytes of the process, and of its live heap. */
    private record Memory(Samples resident, Samples heap) {}

    private SwapBench(SwapOptions options, NumberedAdapters adapters, ServedInference service, ClosedLoop load) {
        this.options = options;
        this.adapters = adapters;
        this.service = service;
        this.load = load;
        this.prober = new ChatClient(service.address());
        this.names = names(options);
    }

    private static List<String> names(SwapOptions options) {
        return IntStream.range(0, options.names()).mapToObj(i -> "adapter-" + i).toList();
    }

    /** Trains the adapters, starts the service and swaps. */
    public static Results run(SwapOptions options) {
        System.out.println("training " + options.numbers() + " adapters, each to say its number ...");
        var adapters = NumberedAdapters.train(options.model(), options.state().resolve("adapters"), options.numbers());
        Map<String, String> settings = Map.of(
                "LORIKEET_MAX_NUM_SEQS", Integer.toString(options.clients() + 1),
                // replaced versions keep their slots until their last answer is over
                "LORIKEET_MAX_LORAS", Integer.toString(options.names() + DRAINING));
        try (var service = ServedInference.start(options.state(), options.model(), adapters.root(), settings);
                var load = new ClosedLoop(service.address(), names(options))) {
            return new SwapBench(options, adapters, service, load).run();
        }
    }

    private Results run() {
        names.forEach(name -> swap(name, new Samples()));
        load.start(options.clients());
        pause(WARM_UP);
        load.gapsInto(gapsWithout);
        long started = System.nanoTime();
        for (int block = 0; block < options.blocks(); block++) {
            swapBlock(block);
            System.out.printf(
                    "%d swaps, %d answers, %d failed, %d wrong%n",
                    (block + 1) * options.block(),
                    load.answers(),
                    load.failed().count(),
                    load.wrong().count());
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        load.close();
        prober.close();
        return results(seconds);
    }

    private void swapBlock(int block) {
        load.gapsInto(gapsDuring);
        long begun = System.nanoTime();
        for (int i = 0; i < options.block(); i++) {
            swap(names.get((block * options.block() + i) % names.size()), swapTimes);
            memory(block, service.memory().resident(), Memory::resident);
        }
        // as long without
        load.gapsInto(gapsWithout);
        pause(Duration.ofNanos(System.nanoTime() - begun));
        // a collection would show in the others' times
        load.gapsInto(new Samples());
        memory(block, service.liveHeap(), Memory::heap);
    }

    private void memory(int block, long bytes, Function<Memory, Samples> kind) {
        if (options.inSecondFifth(block)) {
            kind.apply(early).add((double) bytes);
        }
        if (options.inLastFifth(block)) {
            kind.apply(late).add((double) bytes);
        }
    }

    /** Announces the next version of a name and asks for it until it answers. */
    private void swap(String name, Samples times) {
        List<Integer> numbers = adapters.numbers();
        CheckpointEvent event = adapters.event(name, serial, numbers.get((int) (serial % numbers.size())));
        serial++;
        CheckpointEvent before = served.get(name);
        long sent = System.nanoTime();
        service.publish(event);
        while (true) {
            StreamedAnswer answer = prober.ask(name, NumberedAdapters.ANSWER_TOKENS, 1);
            String version = answer.version().orElse("none");
            if (answer.status() == 200 && version.equals(event.version())) {
                times.add((answer.arrivals().getFirst() - sent) / 1e6);
                served.put(name, event);
                return;
            }
            if (before != null && !version.equals(before.version())) {
                stale.add(name + ": between " + before.version() + " and " + event.version() + " came " + version);
            }
            if (System.nanoTime() - sent > LONGEST_SWAP.toNanos()) {
                throw new CliException(event.version() + " of " + name + " is not served after " + LONGEST_SWAP
                        + ", the last answer had status " + answer.status() + " and version " + version + "; see "
                        + service.log());
            }
        }
    }

    private Results results(double seconds) {
        load.failed().first().forEach(fault -> System.out.println("FAILED " + fault));
        load.wrong().first().forEach(fault -> System.out.println("WRONG " + fault));
        stale.first().forEach(fault -> System.out.println("STALE " + fault));
        double growth = late.resident().median() / early.resident().median();
        double heapGrowth = late.heap().median() / early.heap().median();
        return new Results("swaps")
                .setting("model", options.model().getFileName())
                .setting("adapter names", options.names())
                .setting("clients", options.clients())
                .row(
                        "load",
                        Figure.count("answers", load.answers()),
                        Figure.of("tokens", load.tokens() / seconds, "/s"),
                        Figure.count("swaps", swapTimes.count()),
                        Figure.of("time", seconds, "s"))
                .row("between tokens, without swaps", milliseconds(gapsWithout))
                .row("between tokens, during swaps", milliseconds(gapsDuring))
                .row("event to first token", milliseconds(swapTimes))
                .row("memory, swaps of the second fifth", memory(early))
                .row("memory, swaps of the last fifth", memory(late))
                .goal(Goal.atMost(Figure.count("failed requests", load.failed().count()), 0))
                .goal(Goal.atMost(
                        Figure.count(
                                "answers by a wrong or mixed version",
                                load.wrong().count()),
                        0))
                .goal(Goal.atMost(Figure.count("answers by a version that was replaced", stale.count()), 0))
                .goal(Goal.atMost(
                        Figure.ratio("p99 between tokens, during ÷ without", gapsDuring.p99() / gapsWithout.p99()),
                        MAX_GAP_RATIO))
                .goal(Goal.atMost(Figure.of("p99 event to first token", swapTimes.p99(), "ms"), MAX_SWAP_MILLIS))
                .goal(Goal.atMost(Figure.ratio("resident memory, last ÷ second fifth", growth), MAX_GROWTH))
                .goal(Goal.atMost(Figure.ratio("live heap, last ÷ second fifth", heapGrowth), MAX_GROWTH));
    }

    private static Figure[] milliseconds(Samples samples) {
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of("median", samples.median(), "ms"));
        figures.add(Figure.of("p99", samples.p99(), "ms"));
        figures.add(Figure.of("longest", samples.quantile(1), "ms"));
        figures.add(Figure.count("samples", samples.count()));
        return figures.toArray(Figure[]::new);
    }

    private static Figure[] memory(Memory memory) {
        return new Figure[] {
            Figure.memory("resident", (long) memory.resident().median()),
            Figure.memory("live heap", (long) memory.heap().median())
        };
    }
}
