package io.lorikeet.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The dashboards of {@code deploy/grafana} and the rules of {@code deploy/prometheus}, as expressions. */
final class Dashboards {
    static final List<String> NAMES = List.of("overview", "training", "inference", "kafka");

    /** That choose what a panel shows. */
    static final List<String> VARIABLES = List.of("namespace", "instance", "adapter");

    private static final Pattern METRIC = Pattern.compile(
            "\\b(?:lorikeet[_:][\\w:]+|(?:jvm|http|kafka|process|system)_\\w+|up|ALERTS)\\b(?!\\s*[=!(])");

    /** A panel; {@code unit} is Grafana's name of it, empty if there is none. */
    record Panel(String title, String unit, boolean fromZero) {}

    /** A query of a panel. */
    record Query(String dashboard, Panel panel, String expression, String legend) {}

    /** A rule; {@code record} and {@code alert} name it, one of them is empty. */
    record Rule(String record, String alert, String expression) {}

    private Dashboards() {}

    static JsonNode read(String name) {
        return Project.yaml("deploy/grafana/dashboards/" + name + ".json");
    }

    /** Every query of a dashboard, with Grafana's variables filled in. */
    static List<Query> queries(String name) {
        var queries = new ArrayList<Query>();
        for (JsonNode panel : read(name).path("panels")) {
            JsonNode look = panel.at("/fieldConfig/defaults");
            var drawn = new Panel(
                    panel.path("title").asText(),
                    look.path("unit").asText(),
                    look.path("min").asDouble(-1) == 0);
            for (JsonNode target : panel.path("targets")) {
                String expression = target.path("expr").asText();
                queries.add(new Query(
                        name,
                        drawn,
                        filled(expression),
                        target.path("legendFormat").asText()));
            }
        }
        return queries;
    }

    /** What a dashboard marks in time, as a panel's query. */
    static List<Query> annotations(String name) {
        var queries = new ArrayList<Query>();
        for (JsonNode annotation : read(name).at("/annotations/list")) {
            queries.add(new Query(
                    name,
                    new Panel(annotation.path("name").asText(), "", false),
                    filled(annotation.path("expr").asText()),
                    annotation.path("titleFormat").asText()));
        }
        return queries;
    }

    /** Grafana's variables as they are at first: all of everything. */
    private static String filled(String expression) {
        String filled = expression.replace("$__rate_interval", "30s");
        for (String variable : VARIABLES) {
            filled = filled.replace("$" + variable, ".*");
        }
        return filled;
    }

    static List<Rule> rules() {
        var rules = new ArrayList<Rule>();
        for (JsonNode group :
                Project.yaml("deploy/prometheus/rules/lorikeet.yml").path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                rules.add(new Rule(
                        rule.path("record").asText(),
                        rule.path("alert").asText(),
                        rule.path("expr").asText()));
            }
        }
        return rules;
    }

    /** The metrics that an expression reads. */
    static Set<String> metrics(String expression) {
        var names = new TreeSet<String>();
        // what stands in quotes or lists of labels is no metric
        String bare = expression
                .replaceAll("\"[^\"]*\"", "\"\"")
                .replaceAll("\\b(?:by|on|ignoring|group_left|without)\\s*\\([^)]*\\)", "");
        METRIC.matcher(bare).results().forEach(match -> names.add(match.group()));
        return names;
    }
}
