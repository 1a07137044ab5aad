package io.lorikeet.cli.command;

import io.lorikeet.cli.client.Chat;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evaluate}: acceptance questions, to whoever is served now. */
@Command(
        name = "evaluate",
        description = {
            "Asks acceptance questions of whoever is served, and judges the answers.",
            "As a training job does before its adapter is served: must_contain and must_not_contain, at temperature 0."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:every answer passed", "1:it could not be asked", "3:an answer did not pass"})
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

    @Option(names = "--system", paramLabel = "TEXT", description = "System prompt (default: the adapter's own).")
    private String system;

    @Option(names = "--json", description = "Print questions, answers and verdicts as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        List<AcceptanceQuestion> questions = Questions.read(file);
        GatewayClient client = gateway.client();
        String model = adapter == null ? client.baseModel() : adapter;
        var judged = new ArrayList<AcceptanceAnswer>();
        var versions = new TreeSet<String>();
        for (AcceptanceQuestion question : questions) {
            var answer = client.chat(new Chat(model, system).user(question.question()), _ -> {});
            judged.add(question.judge(answer.answer()));
            versions.add(answer.by());
        }
        if (json) {
            terminal.out().println(new String(Json.write(judged), java.nio.charset.StandardCharsets.UTF_8));
        } else {
            Table table = new Table("question", "answer", "passed");
            judged.forEach(it -> table.row(it.question(), it.answer(), it.passed() ? "yes" : "NO"));
            table.lines(terminal.width()).forEach(terminal.out()::println);
        }
        long passed = judged.stream().filter(AcceptanceAnswer::passed).count();
        terminal.note("%s: %d of %d passed".formatted(String.join(", ", versions), passed, judged.size()));
        return passed == judged.size() ? 0 : FAILED;
    }
}
