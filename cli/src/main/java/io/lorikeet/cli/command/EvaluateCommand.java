package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evaluate}: acceptance questions, to any version. */
@Command(
        name = "evaluate",
        description = {
            "Asks acceptance questions of whoever is served, or of any version, and has the answers judged.",
            "As a training job does before its adapter is served: must_contain and must_not_contain, at temperature 0."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:every answer was accepted", "1:it could not be asked", "3:an answer was not"})
public final class EvaluateCommand implements Callable<Integer> {

    private static final int FAILED = 3;

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Parameters(
            paramLabel = "QUESTIONS.json",
            description = "A list of acceptance questions, or a training job that has some.")
    private Path file;

    @Option(names = "--adapter", paramLabel = "NAME", description = "Who is asked (default: the base model).")
    private String adapter;

    @Option(
            names = "--version",
            paramLabel = "VERSION",
            description = "Which version of the adapter, served or not (default: the one served).")
    private String version;

    @Option(names = "--system", paramLabel = "TEXT", description = "System prompt (default: the adapter's own).")
    private String system;

    @Option(names = "--json", description = "Print questions, answers and verdicts as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        List<AcceptanceQuestion> questions = Questions.read(file);
        GatewayClient client = gateway.client();
        if (version != null && adapter == null) {
            throw new CliException("--version is of an adapter: name it with --adapter.");
        }
        JsonNode result = client.evaluate(adapter == null ? client.baseModel() : adapter, evaluation(questions));
        JsonNode answers = result.path("answers");
        if (json) {
            terminal.out().println(result);
        } else {
            Table table = new Table("question", "answer", "accepted");
            answers.forEach(it -> table.row(
                    it.path("question").asText(),
                    it.path("answer").asText(),
                    it.path("accepted").asBoolean()
                            ? "yes"
                            : "NO, " + it.path("reason").asText()));
            table.lines(terminal.width()).forEach(terminal.out()::println);
        }
        long accepted = answers.valueStream()
                .filter(it -> it.path("accepted").asBoolean())
                .count();
        String by = result.hasNonNull("adapter")
                ? result.path("adapter").asText() + " " + result.path("version").asText()
                : "base model";
        terminal.note("%s: %d of %d accepted".formatted(by, accepted, answers.size()));
        return result.path("accepted").asBoolean() ? 0 : FAILED;
    }

    private ObjectNode evaluation(List<AcceptanceQuestion> questions) {
        ObjectNode body = Json.mapper().createObjectNode();
        if (version != null) {
            body.put("version", version);
        }
        var list = body.putArray("questions");
        for (AcceptanceQuestion question : questions) {
            ObjectNode asked = Json.mapper().valueToTree(question);
            list.add(system == null ? asked : asked.put("system", system));
        }
        return body;
    }
}
