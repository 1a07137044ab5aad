package io.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every {@code ./lorikeet …} that a page tells its reader to type is a command that there is, with options that it has. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** At the beginning of a line, or between back-ticks. */
    private static final Pattern COMMAND = Pattern.compile("(?:^|`)\\./lorikeet ([^`#\\n]+)", Pattern.MULTILINE);

    private static final Pattern SHOWN =
            Pattern.compile("`(examples/shop/[\\w.]+)`\\n\\n```json\\n(.*?)```", Pattern.DOTALL);

    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|'[^']*'|\\S+");
    /** The launcher's own. */
    private static final Set<String> LAUNCHER = Set.of("build", "test", "bench", "jdk", "--help", "COMMAND");

    @Test
    void parse() throws IOException {
        var commands = new ArrayList<String>();
        var broken = new ArrayList<String>();
        for (Path page : pages()) {
            var found = COMMAND.matcher(Files.readString(page));
            while (found.find()) {
                List<String> words = words(found.group(1));
                if (LAUNCHER.contains(words.getFirst())) {
                    continue;
                }
                commands.add(found.group());
                try {
                    Lorikeet.commandLine().parseArgs(words.toArray(String[]::new));
                } catch (CommandLine.MissingParameterException e) {
                    // a sentence may name a command without what it needs
                } catch (CommandLine.ParameterException e) {
                    broken.add(ROOT.relativize(page) + ": " + found.group(1) + ": " + e.getMessage());
                }
            }
        }
        assertThat(commands).hasSizeGreaterThan(30);
        assertThat(broken).isEmpty();
    }

    @Test
    void showFilesAsTheyAre() throws IOException {
        for (String page : List.of("docs/first-hour.md", "docs/first-hour.zh-CN.md")) {
            var shown = SHOWN.matcher(Files.readString(ROOT.resolve(page)));
            int files = 0;
            for (; shown.find(); files++) {
                assertThat(ROOT.resolve(shown.group(1))).content().isEqualTo(shown.group(2));
            }
            assertThat(files).as(page).isEqualTo(3);
        }
    }

    private static List<String> words(String line) {
        // what follows is for the shell
        String command = line.replaceFirst("(?: [|>&]|;|\\)).*", "");
        return WORD.matcher(command)
                .results()
                .map(word -> word.group().replaceAll("^[\"'](.*)[\"']$", "$1"))
                .filter(word -> !word.equals("…"))
                .toList();
    }

    private static List<Path> pages() throws IOException {
        var pages = new ArrayList<Path>();
        for (String folder :
                List.of("", "docs", "examples", "trainer-service", "inference-service", "engine", "gateway")) {
            try (var files = Files.walk(ROOT.resolve(folder), folder.equals("examples") ? 2 : 1)) {
                files.filter(file -> file.toString().endsWith(".md") && !file.endsWith("CHANGELOG.md"))
                        .forEach(pages::add);
            }
        }
        return pages;
    }
}
