package io.lorikeet.trainer.tools;

import io.lorikeet.messaging.ClientSettings;
import io.lorikeet.store.AdapterStore;
import io.lorikeet.trainer.retention.Doomed;
import io.lorikeet.trainer.retention.Pruner;
import io.lorikeet.trainer.retention.Retention;
import io.lorikeet.trainer.retention.ServedVersions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.clients.CommonClientConfigs;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Shows what a trainer would delete because its time is over, and deletes it with {@code --yes}. Options in place of the
 * trainer's variables, which are the defaults. Exit code 0: shown or deleted; 1: not, or not all of it; 2: wrong arguments.
 */
public final class PruneMain {
    private static final Duration REPLAY = Duration.ofSeconds(30);
    private static final String YES = "--yes";
    private static final String COMMAND_CONFIG = "--command-config";

    /** Options and the trainer's variables that they stand for. */
    private static final Map<String, String> OPTIONS = Map.of(
            "--adapters-root", "LORIKEET_ADAPTERS_ROOT",
            "--adapters-store", "LORIKEET_ADAPTERS_STORE",
            "--bootstrap-servers", "KAFKA_BOOTSTRAP_SERVERS",
            "--versions", "LORIKEET_RETENTION_VERSIONS",
            "--checkpoints", "LORIKEET_RETENTION_CHECKPOINTS",
            "--runs", "LORIKEET_RETENTION_RUNS",
            "--jobs", "LORIKEET_RETENTION_JOBS");

    private final Map<String, String> options;
    private final PrintStream out;
    private final PrintStream err;

    private PruneMain(Map<String, String> options, PrintStream out, PrintStream err) {
        this.options = options;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        List<String> rest = List.of(arguments).stream()
                .filter(argument -> !argument.equals(YES))
                .toList();
        Map<String, String> options = new TreeMap<>();
        for (int i = 0; i + 1 < rest.size(); i += 2) {
            options.put(rest.get(i), rest.get(i + 1));
        }
        Set<String> unknown = new TreeSet<>(options.keySet());
        unknown.removeAll(OPTIONS.keySet());
        unknown.remove(COMMAND_CONFIG);
        if (rest.size() % 2 != 0 || !unknown.isEmpty()) {
            err.println(
                    "usage: [--yes] [" + COMMAND_CONFIG + " FILE] and values for " + new TreeMap<>(OPTIONS).keySet());
            return 2;
        }
        try {
            return new PruneMain(options, out, err).prune(List.of(arguments).contains(YES));
        } catch (IllegalArgumentException | IOException e) {
            err.println(e instanceof IOException ? e.toString() : e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private int prune(boolean yes) throws IOException, InterruptedException {
        Path root = Path.of(value("--adapters-root").orElse(".lorikeet/adapters"));
        if (!Files.isDirectory(root)) {
            err.println("--adapters-root: there is no folder " + root);
            return 1;
        }
        AdapterStore store = AdapterStore.open(value("--adapters-store").orElse("file:"), root, 0, PruneMain::s3);
        try (var served = new ServedVersions(client())) {
            if (!served.await(REPLAY)) {
                err.println("What is served cannot be told: " + served.describe() + ". Nothing is deleted.");
                return 1;
            }
            var pruner = new Pruner(root, store, retention(), served, Clock.systemUTC());
            return yes ? delete(pruner) : show(pruner);
        }
    }

    private int show(Pruner pruner) throws IOException {
        List<Doomed> doomed = pruner.look();
        doomed.forEach(each -> out.println(line(each)));
        long bytes = doomed.stream().mapToLong(Doomed::bytes).sum();
        out.println(
                doomed.isEmpty()
                        ? "Nothing to delete: everything is served, can be rolled back to, or is young enough."
                        : "%d things, %s; --yes deletes them.".formatted(doomed.size(), size(bytes)));
        return 0;
    }

    private int delete(Pruner pruner) throws IOException {
        Optional<Pruner.Result> result = pruner.prune();
        if (result.isEmpty()) {
            err.println("A trainer of this adapters root is deleting just now; try again in a minute.");
            return 1;
        }
        result.get().deleted().forEach(each -> out.println(line(each)));
        out.println("Deleted %d things, %s."
                .formatted(result.get().deleted().size(), size(result.get().bytes())));
        result.get().failures().forEach(err::println);
        return result.get().failures().isEmpty() ? 0 : 1;
    }

    private static String line(Doomed doomed) {
        return "%10s  %s".formatted(size(doomed.bytes()), doomed.what());
    }

    private static String size(long bytes) {
        return bytes < 1 << 20 ? "%d KiB".formatted(bytes >> 10) : "%.1f MiB".formatted(bytes / (double) (1 << 20));
    }

    private Retention retention() {
        Retention defaults = Retention.DEFAULT;
        return new Retention(
                value("--versions").map(Integer::parseInt).orElse(defaults.versions()),
                time("--checkpoints", defaults, Retention::checkpoints),
                time("--runs", defaults, Retention::runs),
                time("--jobs", defaults, Retention::jobs));
    }

    private Duration time(String option, Retention defaults, Function<Retention, Duration> setting) {
        return value(option).map(Retention::time).orElseGet(() -> setting.apply(defaults));
    }

    private Map<String, Object> client() throws IOException {
        Map<String, String> properties = new HashMap<>(
                options.containsKey(COMMAND_CONFIG)
                        ? ClientSettings.file(Path.of(options.get(COMMAND_CONFIG)))
                        : ClientSettings.environment(System.getenv()));
        properties.put(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                value("--bootstrap-servers").orElse("localhost:9092"));
        return ClientSettings.of(properties);
    }

    private Optional<String> value(String option) {
        return Optional.ofNullable(options.get(option))
                .or(() -> Optional.ofNullable(System.getenv(OPTIONS.get(option))));
    }

    /** As the trainer's: the SDK's own variables and chain of credentials. */
    private static S3Client s3() {
        return S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .region(Region.of(
                        Optional.ofNullable(System.getenv("AWS_REGION")).orElse("us-east-1")))
                .forcePathStyle(Boolean.valueOf(System.getenv("QUARKUS_S3_PATH_STYLE_ACCESS")))
                .build();
    }
}
