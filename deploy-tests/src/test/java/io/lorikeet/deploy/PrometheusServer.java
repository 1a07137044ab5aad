package io.lorikeet.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A Prometheus of its own that scrapes every second. */
final class PrometheusServer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final ManagedProcess process;
    private final int port;

    /** A series: its labels, and its points over time. */
    record Series(Map<String, String> labels, List<Instant> times, List<Double> values) {
        boolean hasNumber() {
            return values.stream().anyMatch(Double::isFinite);
        }
    }

    /** Starts it with these options and returns when it answers. */
    static PrometheusServer start(Path logs, List<String> options) {
        int port = PortPlan.free(1).getFirst();
        var command = new ArrayList<>(List.of("prometheus"));
        command.addAll(options);
        command.add("--web.listen-address=127.0.0.1:" + port);
        URI ready = URI.create("http://127.0.0.1:" + port + "/-/ready");
        var server = new PrometheusServer(
                ManagedProcess.start(
                        new ProcessSpec("prometheus", port, command, Map.of(), new Readiness.HttpOk(ready)), logs),
                port);
        server.awaitReady(ready);
        return server;
    }

    private void awaitReady(URI ready) {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            try {
                var request = HttpRequest.newBuilder(ready).build();
                if (http.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // it is on its way up
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError(process.obituary());
            }
        }
    }

    /** Configuration that scrapes {@code targets} (job name to port of this machine) and evaluates the project's rules. */
    static Path configuration(Path folder, Map<String, Integer> targets) {
        var yaml = new StringBuilder("global: { scrape_interval: 1s, evaluation_interval: 1s }\n");
        yaml.append("rule_files: ['")
                .append(Project.path("deploy/prometheus/rules/*.yml"))
                .append("']\nscrape_configs:\n");
        targets.forEach((job, port) -> yaml.append(
                "  - { job_name: %s, metrics_path: /q/metrics, static_configs: [{ targets: ['127.0.0.1:%d'] }] }\n"
                        .formatted(job, port)));
        try {
            Files.createDirectories(folder);
            return Files.writeString(folder.resolve("prometheus.yml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PrometheusServer(ManagedProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Evaluates over a time, at every second. */
    List<Series> range(String expression, Instant from, Instant to) {
        JsonNode answer = get("query_range?query=" + encode(expression) + "&start=" + from.getEpochSecond() + "&end="
                + to.getEpochSecond() + "&step=1");
        var found = new ArrayList<Series>();
        for (JsonNode result : answer.at("/data/result")) {
            var labels = new LinkedHashMap<String, String>();
            result.path("metric")
                    .properties()
                    .forEach(it -> labels.put(it.getKey(), it.getValue().asText()));
            var series = new Series(labels, new ArrayList<>(), new ArrayList<>());
            for (JsonNode point : result.path("values")) {
                series.times().add(Instant.ofEpochSecond(point.get(0).asLong()));
                series.values().add(number(point.get(1).asText()));
            }
            found.add(series);
        }
        return found;
    }

    /** Health of each scraped target by its job. */
    Map<String, String> targets() {
        var health = new LinkedHashMap<String, String>();
        get("targets")
                .at("/data/activeTargets")
                .forEach(target -> health.put(
                        target.at("/labels/job").asText(), target.path("health").asText()));
        return health;
    }

    /** The names of all metrics that were ever scraped or recorded. */
    Set<String> metricNames() {
        var names = new TreeSet<String>();
        get("label/__name__/values").path("data").forEach(name -> names.add(name.asText()));
        return names;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }

    private JsonNode get(String path) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path))
                    .build();
            JsonNode answer = Project.JSON.readTree(
                    http.send(request, BodyHandlers.ofString()).body());
            if (!answer.path("status").asText().equals("success")) {
                throw new AssertionError(path + ": " + answer);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.close();
    }
}
