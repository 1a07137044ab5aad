package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.StackEnd;
import io.lorikeet.cli.terminal.Terminal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code logs}: what the processes of the stack say, also after they have ended. */
@Command(name = "logs", description = "Shows the logs of the local stack, also of one that has stopped.")
public final class LogsCommand implements Callable<Integer> {

    private static final long POLL_MILLIS = 200;
    private static final String SUFFIX = ".log";

    @Mixin
    HelpOption help;

    @Mixin
    StateOption state;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            description = "broker, trainer, inference, gateway, or stack for what their supervisor says; else all.")
    private String name;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what comes.")
    private boolean follow;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "How many lines of each to begin with (default: ${DEFAULT-VALUE}).")
    private int lines = 100;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Terminal terminal = Terminal.current();
        List<Source> sources = sources();
        boolean named = sources.size() > 1;
        for (Source source : sources) {
            List<String> all = source.newLines();
            all.subList(Math.max(0, all.size() - lines), all.size())
                    .forEach(line -> print(terminal, named, source, line));
        }
        StackEnd.last(state.resolve()).ifPresent(terminal::note);
        while (follow) {
            Thread.sleep(POLL_MILLIS);
            for (Source source : sources) {
                source.newLines().forEach(line -> print(terminal, named, source, line));
            }
            if (terminal.out().checkError()) {
                break; // nobody reads any more
            }
        }
        return 0;
    }

    private static void print(Terminal terminal, boolean named, Source source, String line) {
        terminal.out().println(named ? terminal.dim("%-10s| ".formatted(source.name)) + line : line);
    }

    private List<Source> sources() throws IOException {
        Path folder = state.resolve().resolve("logs");
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (var found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
                found.forEach(files::add);
            }
        }
        List<Source> sources = files.stream().sorted().map(Source::new).toList();
        if (name == null && !sources.isEmpty()) {
            return sources;
        }
        List<Source> chosen =
                sources.stream().filter(source -> source.name.equals(name)).toList();
        if (chosen.isEmpty()) {
            List<String> known = sources.stream().map(source -> source.name).toList();
            throw new CliException(
                    known.isEmpty()
                            ? "There are no logs in " + folder + "."
                            : "No log " + name + "; there are " + known);
        }
        return chosen;
    }

    /** A log file and how far it was read. */
    private static final class Source {
        private final Path file;
        private final String name;
        private long position;

        Source(Path file) {
            this.file = file;
            String fileName = file.getFileName().toString();
            this.name = fileName.substring(0, fileName.length() - SUFFIX.length());
        }

        /** Whole lines since the last call. A file that has become shorter was begun anew. */
        List<String> newLines() throws IOException {
            try (var input = new RandomAccessFile(file.toFile(), "r")) {
                if (input.length() < position) {
                    position = 0;
                }
                input.seek(position);
                byte[] bytes = new byte[(int) Math.min(input.length() - position, Integer.MAX_VALUE - 8)];
                input.readFully(bytes);
                int end = bytes.length;
                while (end > 0 && bytes[end - 1] != '\n') {
                    end--;
                }
                position += end;
                return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
            }
        }
    }
}
