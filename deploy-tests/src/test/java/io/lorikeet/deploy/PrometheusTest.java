package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PrometheusTest {
    @Test
    void rulesPassTheirUnitTests() {
        Tool.run("promtool", "check", "rules", "deploy/prometheus/rules/lorikeet.yml")
                .orThrow();
        Tool.run("promtool", "test", "rules", "deploy/prometheus/tests/lorikeet.yml")
                .orThrow();
    }

    @Test
    void everyAlertHasATestInWhichItFiresAndOneInWhichItDoesNot() {
        var fires = new HashSet<String>();
        var quiet = new HashSet<String>();
        for (JsonNode test :
                Project.yaml("deploy/prometheus/tests/lorikeet.yml").path("tests")) {
            for (JsonNode alert : test.path("alert_rule_test")) {
                (alert.path("exp_alerts").isEmpty() ? quiet : fires)
                        .add(alert.path("alertname").asText());
            }
        }
        List<String> alerts = alerts();
        assertThat(alerts).isNotEmpty();
        assertThat(fires).containsExactlyInAnyOrderElementsOf(alerts);
        assertThat(quiet).containsExactlyInAnyOrderElementsOf(alerts);
    }

    @Test
    void theOperatorGetsTheSameRules() {
        JsonNode rule = Project.yaml("deploy/prometheus/prometheusrule.yaml");
        assertThat(rule.at("/spec/groups"))
                .as("run deploy/prometheus/make-prometheusrule")
                .isEqualTo(Project.yaml("deploy/prometheus/rules/lorikeet.yml").path("groups"));
    }

    @Test
    void everyAlertHasASectionInTheRunbook() throws Exception {
        List<String> headings = Files.readAllLines(Project.path("docs/runbook.md")).stream()
                .filter(line -> line.startsWith("## "))
                .map(line -> line.replaceFirst("^#+ ", ""))
                .toList();
        assertThat(headings).containsExactlyInAnyOrderElementsOf(alerts());
        for (JsonNode group :
                Project.yaml("deploy/prometheus/rules/lorikeet.yml").path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                if (rule.has("alert")) {
                    assertThat(rule.at("/annotations/runbook_url").asText())
                            .startsWith("https://")
                            .endsWith("/docs/runbook.md#"
                                    + rule.path("alert").asText().toLowerCase(Locale.ROOT));
                }
            }
        }
    }

    @Test
    void dashboardsAreWhole() {
        var uids = new HashSet<String>();
        for (String name : Dashboards.NAMES) {
            JsonNode dashboard = Dashboards.read(name);
            assertThat(uids.add(dashboard.path("uid").asText())).isTrue();
            var ids = new HashSet<Integer>();
            var places = new ArrayList<JsonNode>();
            for (JsonNode panel : dashboard.path("panels")) {
                assertThat(ids.add(panel.path("id").asInt())).as(name).isTrue();
                JsonNode place = panel.path("gridPos");
                assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
                places.forEach(other -> assertThat(overlap(other, place))
                        .as(name + " " + panel.path("title"))
                        .isFalse());
                places.add(place);
                if (!panel.path("type").asText().equals("row")) {
                    assertThat(panel.path("description").asText())
                            .as(name + ": what " + panel.path("title") + " shows")
                            .isNotBlank();
                }
            }
            // a Grafana of others has sources of other names, and one Prometheus may see several installations
            assertThat(dashboard.findValues("datasource")).as(name).isNotEmpty().allMatch(source -> source.path("uid")
                    .asText()
                    .equals("${datasource}"));
            assertThat(dashboard.at("/templating/list").findValuesAsText("name"))
                    .as(name)
                    .startsWith("datasource", "namespace", "instance");
            for (JsonNode target : dashboard.path("panels").findValues("expr")) {
                assertThat(Dashboards.metrics(target.asText()).equals(Set.of("ALERTS"))
                                || target.asText().contains("namespace=~\"$namespace\", instance=~\"$instance\""))
                        .as(target.asText())
                        .isTrue();
            }
            assertThat(Dashboards.queries(name)).as(name).hasSizeGreaterThan(8);
        }
    }

    private static boolean overlap(JsonNode a, JsonNode b) {
        return a.path("x").asInt() < b.path("x").asInt() + b.path("w").asInt()
                && b.path("x").asInt() < a.path("x").asInt() + a.path("w").asInt()
                && a.path("y").asInt() < b.path("y").asInt() + b.path("h").asInt()
                && b.path("y").asInt() < a.path("y").asInt() + a.path("h").asInt();
    }

    @Test
    void scrapesInComposeWhatTheMonitorsScrapeOnKubernetes() {
        var compose = new HashSet<String>();
        Project.yaml("deploy/prometheus/prometheus.yml")
                .path("scrape_configs")
                .forEach(job -> compose.add(job.path("job_name").asText()));
        var kubernetes = new HashSet<String>();
        for (var manifest : Manifests.render("cpu")) {
            if (manifest.kind().equals("ServiceMonitor")) {
                kubernetes.add(((ObjectNode) manifest.yaml().at("/spec/endpoints/0/relabelings/0"))
                        .path("replacement")
                        .asText());
            }
        }
        assertThat(kubernetes).isEqualTo(compose);
    }

    private static List<String> alerts() {
        return Dashboards.rules().stream()
                .map(Dashboards.Rule::alert)
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
