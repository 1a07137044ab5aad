package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.GatewayClient.Question;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.cli.stack.LocalStack;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.StackListener;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The local stack under load with one training, scraped by a real Prometheus: every panel and every rule gets data. What
 * the panels show is drawn to {@code target/dashboards/*.png}.
 */
class DashboardsIT {
    private static final String ADAPTER = "dashboards";
    /** Asked again and again, so the prefix cache has it. */
    private static final String SYSTEM = "你是一个乐于助人的助手。请用简短、准确、友好的话回答问题,不知道的就说不知道。";

    /** The longest window of a panel, and a few scrapes. */
    private static final Duration LOAD_AFTERWARDS = Duration.ofSeconds(35);

    /** Micrometer looks once a minute for what a Kafka client has begun to measure: what a producer has sent is late. */
    private static final String LAST_TO_APPEAR = "kafka_producer_record_send_total";

    private static final Duration APPEARS_WITHIN = Duration.ofSeconds(90);

    private static LocalStack stack;
    private static PrometheusServer prometheus;
    private static Instant from;
    private static Instant to;

    @BeforeAll
    static void loadAndTrain() throws Exception {
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target/states")), "dashboards");
        ProjectHome home = ProjectHome.current();
        stack = LocalStack.start(
                new StackOptions(
                        home,
                        folder,
                        home.defaultModel(),
                        PortPlan.free(),
                        1,
                        StackOptions.DEFAULT_ADAPTER,
                        StackOptions.START_TIMEOUT),
                StackListener.silent());
        PortPlan ports = stack.options().ports();
        Path config = PrometheusServer.configuration(
                folder.resolve("prometheus"),
                Map.of(
                        "lorikeet-gateway", ports.gatewayManagement(),
                        "lorikeet-inference", ports.inferenceManagement(),
                        "lorikeet-trainer", ports.trainer()));
        prometheus = PrometheusServer.start(
                folder.resolve("prometheus"),
                List.of("--config.file=" + config, "--storage.tsdb.path=" + folder.resolve("prometheus/data")));
        from = Instant.now();

        GatewayClient gateway = new GatewayClient(stack.gateway());
        var over = new AtomicBoolean();
        List<Thread> clients = List.of(client(gateway, over, null), client(gateway, over, ADAPTER));
        TrainingEvent last = new JobFollower(gateway, _ -> stack.requireAlive())
                .follow(gateway.submit(job()).jobId());
        assertThat(last).isInstanceOf(TrainingEvent.Succeeded.class);
        Instant late = Instant.now().plus(APPEARS_WITHIN);
        while (!prometheus.metricNames().contains(LAST_TO_APPEAR)
                && Instant.now().isBefore(late)) {
            pause();
        }
        Thread.sleep(LOAD_AFTERWARDS);
        over.set(true);
        for (Thread client : clients) {
            client.join();
        }
        to = Instant.now();
    }

    @AfterAll
    static void stop() {
        if (prometheus != null) {
            prometheus.close();
        }
        if (stack != null) {
            stack.close();
        }
    }

    /** Asks one question after the other; an adapter only from when it is served. */
    private static Thread client(GatewayClient gateway, AtomicBoolean over, String adapter) {
        return Thread.ofVirtual().start(() -> {
            while (!over.get()) {
                if (adapter == null || gateway.servedVersion(adapter).isPresent()) {
                    gateway.ask(new Question("天空是什么颜色?", adapter, SYSTEM, 16, null), _ -> {});
                }
                pause();
            }
        });
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Long enough for a curve, and with everything that a panel shows: evaluations, a checkpoint, an acceptance. */
    private static byte[] job() {
        var job = Json.mapper().createObjectNode();
        job.put("type", "train")
                .put("job_id", "dashboards-1")
                .put("adapter", ADAPTER)
                .put("max_steps", 40)
                .put("eval_steps", 10)
                .put("save_steps", 20)
                .put("split_dataset_ratio", 0.25)
                .put("learning_rate", 1e-3)
                .put("gradient_accumulation_steps", 2)
                .put("lora_rank", 4)
                .put("logging_steps", 1)
                .put("promote", "always");
        var rows = job.putArray("rows");
        for (String question : List.of("你好", "你是谁?", "hello", "天空是什么颜色?", "who are you?", "再见", "谢谢", "早上好")) {
            rows.addObject().put("instruction", question).put("input", "").put("output", "好的。");
        }
        return Json.write(job);
    }

    @Test
    void everyPanelHasDataAndIsDrawn() throws Exception {
        var empty = new ArrayList<String>();
        for (String dashboard : Dashboards.NAMES) {
            var panels = new LinkedHashMap<Dashboards.Panel, List<Plots.Curve>>();
            for (Dashboards.Query query : Dashboards.queries(dashboard)) {
                List<PrometheusServer.Series> found = prometheus.range(query.expression(), from, to);
                if (found.stream().noneMatch(PrometheusServer.Series::hasNumber)) {
                    empty.add("%s / %s: %s".formatted(dashboard, query.panel().title(), query.expression()));
                }
                found.forEach(series -> panels.computeIfAbsent(query.panel(), _ -> new ArrayList<>())
                        .add(new Plots.Curve(legend(query.legend(), series.labels()), series)));
            }
            Plots.draw(panels, Path.of("target/dashboards", dashboard + ".png"));
        }
        assertThat(empty).isEmpty();
    }

    @Test
    void swapsAndTrainingsAreMarked() {
        for (String dashboard : Dashboards.NAMES) {
            List<Dashboards.Query> marks = Dashboards.annotations(dashboard);
            assertThat(marks).as(dashboard).hasSize(2);
            for (Dashboards.Query mark : marks) {
                assertThat(prometheus.range(mark.expression(), from, to))
                        .as(mark.expression())
                        .anySatisfy(series -> assertThat(legend(mark.legend(), series.labels()))
                                .startsWith(ADAPTER + " is "));
            }
        }
    }

    private static String legend(String format, Map<String, String> labels) {
        String legend = format;
        for (var label : labels.entrySet()) {
            legend = legend.replace("{{" + label.getKey() + "}}", label.getValue());
        }
        return legend.replaceAll("\\{\\{\\w+}}", "").strip();
    }

    @Test
    void everyRuleHasWhatItReads() {
        Set<String> names = prometheus.metricNames();
        var missing = new ArrayList<String>();
        for (Dashboards.Rule rule : Dashboards.rules()) {
            Set<String> read = Dashboards.metrics(rule.expression());
            assertThat(read).as(rule.expression()).isNotEmpty();
            read.stream()
                    .filter(metric -> !names.contains(metric))
                    .forEach(metric -> missing.add(rule + ": " + metric));
            if (!rule.record().isEmpty()
                    && prometheus.range(rule.record(), from, to).stream()
                            .noneMatch(PrometheusServer.Series::hasNumber)) {
                missing.add(rule + ": records nothing");
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void noPanelReadsAMetricThatDoesNotExist() {
        Set<String> names = prometheus.metricNames();
        for (String dashboard : Dashboards.NAMES) {
            for (Dashboards.Query query : Dashboards.queries(dashboard)) {
                Set<String> read = Dashboards.metrics(query.expression());
                assertThat(read).as(query.expression()).isNotEmpty();
                read.remove("ALERTS"); // is there while an alert is
                assertThat(names).as(query.panel().title()).containsAll(read);
            }
        }
    }

    @Test
    void theQueueIsSeenToFillAndToEmpty() {
        List<PrometheusServer.Series> lag = prometheus.range("max(lorikeet_training_queue_lag)", from, to);

        assertThat(lag).hasSize(1);
        assertThat(lag.getFirst().values()).as("while the job runs").contains(1.0);
        assertThat(lag.getFirst().values().getLast()).as("when it is done").isZero();
    }
}
