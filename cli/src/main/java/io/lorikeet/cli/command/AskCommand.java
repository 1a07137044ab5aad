package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.GatewayClient.Answer;
import io.lorikeet.cli.client.GatewayClient.Question;
import io.lorikeet.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ask}: one question, one answer. */
@Command(
        name = "ask",
        description = {
            "Asks a question. The answer goes to standard output, who gave it to standard error.",
        })
public final class AskCommand implements Callable<Integer> {

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Parameters(paramLabel = "QUESTION")
    private String question;

    @Option(names = "--adapter", paramLabel = "NAME", description = "Who is asked (default: the gateway's default).")
    private String adapter;

    @Option(
            names = "--version",
            paramLabel = "VERSION",
            description = "Which version of the adapter, served or not (default: the one served).")
    private String version;

    @Option(names = "--system", paramLabel = "TEXT", description = "System prompt (default: the adapter's own).")
    private String system;

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Longest answer.")
    private Integer maxNewTokens;

    @Option(names = "--temperature", paramLabel = "T", description = "0, the default, gives the likeliest answer.")
    private Double temperature;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        GatewayClient client = gateway.client();
        if (version != null && adapter == null) {
            throw new CliException("--version is of an adapter: name it with --adapter.");
        }
        String asks = version == null ? adapter : adapter + "@" + version;
        Question asked = new Question(question, asks, system, maxNewTokens, temperature);
        Answer answer;
        if (terminal.interactive()) {
            answer = client.ask(asked, delta -> {
                terminal.out().print(delta);
                terminal.out().flush();
            });
            terminal.out().println();
        } else {
            answer = client.ask(asked);
            terminal.out().println(answer.answer());
        }
        terminal.note(answer.by());
        return 0;
    }
}
