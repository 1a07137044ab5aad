package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.client.Chat;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code compare}: one question to several. */
@Command(
        name = "compare",
        description = "Asks the base model and adapters one question and shows their answers side by side.")
public final class CompareCommand implements Callable<Integer> {

    /** Narrower columns than this are read line by line. */
    private static final int NARROWEST = 24;

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Parameters(paramLabel = "QUESTION")
    private String question;

    @Option(
            names = "--adapter",
            paramLabel = "NAME[@VERSION]",
            description =
                    "Who is asked beside the base model; may be given several times (default: all that are served).")
    private List<String> adapters;

    @Option(names = "--system", paramLabel = "TEXT", description = "System prompt (default: each one's own).")
    private String system;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        GatewayClient client = gateway.client();
        var models = new ArrayList<>(List.of(client.baseModel()));
        models.addAll(adapters == null ? served(client) : adapters);
        var by = new ArrayList<String>();
        var answers = new ArrayList<String>();
        for (String model : models) {
            var answer = client.chat(new Chat(model, system).user(question), _ -> {});
            by.add(answer.by());
            answers.add(answer.answer());
        }
        table(by, answers, terminal.width()).forEach(terminal.out()::println);
        return 0;
    }

    /** A column for each, or a row where columns would be too narrow. */
    static List<String> table(List<String> by, List<String> answers, int width) {
        if (width / by.size() >= NARROWEST) {
            return new Table(by.toArray(String[]::new))
                    .row(answers.toArray(String[]::new))
                    .lines(width);
        }
        Table table = new Table("who", "answer");
        for (int i = 0; i < by.size(); i++) {
            table.row(by.get(i), answers.get(i));
        }
        return table.lines(width);
    }

    private static List<String> served(GatewayClient client) {
        return client.adapters().stream()
                .filter(adapter -> adapter.hasNonNull("version"))
                .map((JsonNode adapter) -> adapter.path("name").asText())
                .toList();
    }
}
