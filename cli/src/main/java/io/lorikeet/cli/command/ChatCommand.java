package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.client.Chat;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chat}: a conversation of several turns. */
@Command(
        name = "chat",
        description = {
            "Talks with a model, one line a turn, answers as they come. Ends with the input (Ctrl-D) or /exit.",
            "/adapter NAME asks another adapter, /base the base model, /system TEXT sets the system prompt; each of them",
            "and /new begin the conversation anew."
        })
public final class ChatCommand implements Callable<Integer> {

    private static final String HELP = "/adapter NAME, /base, /system TEXT, /new, /exit";

    @Mixin
    HelpOption help;

    @Mixin
    GatewayOption gateway;

    @Option(names = "--adapter", paramLabel = "NAME", description = "Who is asked (default: the base model).")
    private String adapter;

    @Option(names = "--system", paramLabel = "TEXT", description = "System prompt (default: the adapter's own).")
    private String system;

    @Override
    public Integer call() throws IOException {
        Terminal terminal = Terminal.current();
        GatewayClient client = gateway.client();
        String base = client.baseModel();
        var chat = new Chat(adapter == null ? base : adapter, system);
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        terminal.note("Talking to " + chat.model() + ". " + HELP);
        while (true) {
            if (terminal.interactive()) {
                terminal.out().print(terminal.bold("> "));
                terminal.out().flush();
            }
            String line = input.readLine();
            if (line == null || line.strip().equals("/exit")) {
                return 0;
            }
            if (line.isBlank()) {
                continue;
            }
            if (line.startsWith("/")) {
                chat = changed(chat, line.strip(), base, terminal);
            } else {
                chat = turn(chat, line, client, terminal);
            }
        }
    }

    private static Chat changed(Chat chat, String command, String base, Terminal terminal) {
        String[] words = command.split("\\s+", 2);
        String argument = words.length > 1 ? words[1] : "";
        Optional<Chat> changed =
                switch (words[0]) {
                    case "/adapter" ->
                        Optional.of(argument)
                                .filter(name -> !name.isEmpty())
                                .map(name -> new Chat(name, chat.system()));
                    case "/base" -> Optional.of(new Chat(base, chat.system()));
                    case "/system" -> Optional.of(new Chat(chat.model(), argument));
                    case "/new" -> Optional.of(new Chat(chat.model(), chat.system()));
                    default -> Optional.empty();
                };
        terminal.note(
                changed.map(to -> "A new conversation with " + to.model() + ".").orElse("There are " + HELP + "."));
        return changed.orElse(chat);
    }

    /** A turn that fails leaves the conversation as it was. */
    private static Chat turn(Chat chat, String text, GatewayClient client, Terminal terminal) {
        Chat asked = chat.user(text);
        try {
            GatewayClient.Answer answer = client.chat(asked, delta -> {
                terminal.out().print(delta);
                terminal.out().flush();
            });
            terminal.out().println();
            if (answer.version() != null) {
                terminal.note(answer.adapter() + " " + answer.version());
            }
            return asked.assistant(answer.answer());
        } catch (CliException e) {
            terminal.err().println("lorikeet: " + e.getMessage());
            return chat;
        }
    }
}
