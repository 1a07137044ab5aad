package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.pty4j.PtyProcess;
import com.pty4j.PtyProcessBuilder;
import io.lorikeet.contracts.CheckpointEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./lorikeet} itself, launcher and all, in front of a person: in a terminal. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 5, unit = MINUTES)
class TerminalIT {

    private static final String CONTROL = "\u001b\\[[0-9;]*[a-zA-Z]";

    @TempDir
    Path folder;

    @BeforeEach
    void linkTheProject() throws IOException {
        LinkedProject.in(folder);
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 120})
    void drawsATrainingAsOneBarOfTheTerminalsWidthAndSaysWhatToTypeNext(int columns, SharedStack shared)
            throws Exception {
        QuickJob job = QuickJob.of(SharedStack.unique("drawn"));
        Path file = Files.write(folder.resolve("job.json"), job.bytes());

        String screen = run(
                columns,
                "",
                "train",
                file.toString(),
                "--url",
                shared.stack().gateway().toString());

        // the bar is drawn over itself, and no line is longer than the terminal is wide
        String last = Arrays.stream(screen.split("\r"))
                .filter(line -> line.contains("4/4"))
                .reduce((_, later) -> later)
                .orElseThrow(() -> new AssertionError("no bar: " + screen));
        assertThat(last.replaceAll(CONTROL, ""))
                .containsPattern("│[^│]{15,}│ 4/4")
                .contains("loss");
        assertThat(Arrays.stream(screen.split("\r|\n")).filter(line -> line.contains("│")))
                .allSatisfy(line ->
                        assertThat(line.replaceAll(CONTROL, "").length()).isLessThan(columns));
        assertThat(screen)
                .contains(
                        "Curves and log: " + shared.stack().options().adapters().resolve(job.adapter()))
                .contains("./lorikeet ask --adapter " + job.adapter());
    }

    @Test
    void talksForSeveralTurnsAndShowsAnswersAsTheyCome(SharedStack shared) throws Exception {
        CheckpointEvent version = shared.train(QuickJob.of(SharedStack.unique("talked")));
        String url = shared.stack().gateway().toString();

        String screen = run(80, "你是谁?\n/adapter %s\nhello\n/exit\n".formatted(version.adapter()), "chat", "--url", url);

        assertThat(screen).contains("阿里云", version.version());
    }

    @Test
    void followsAFinishedJobAgain(SharedStack shared) throws Exception {
        CheckpointEvent version = shared.train(QuickJob.of(SharedStack.unique("followed")));
        String job = version.version().substring(0, version.version().indexOf('@'));

        String screen =
                run(80, "", "job", job, "--url", shared.stack().gateway().toString());

        assertThat(screen).contains("Trained " + version.version());
    }

    /** What a terminal of so many columns shows of a command that is given this to read. */
    private String run(int columns, String typed, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("bash", folder.resolve("lorikeet").toString()));
        command.addAll(List.of(arguments));
        var environment = new HashMap<>(System.getenv());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("TERM", "xterm-256color");
        environment.remove("LORIKEET_URL");
        PtyProcess process = new PtyProcessBuilder(command.toArray(String[]::new))
                .setDirectory(folder.toString())
                .setEnvironment(environment)
                .setInitialColumns(columns)
                .setInitialRows(24)
                .start();
        try (OutputStream keyboard = process.getOutputStream();
                InputStream screen = process.getInputStream()) {
            keyboard.write(typed.getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            String shown = new String(screen.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(shown).isZero();
            assertThat(shown).doesNotContain("Building Lorikeet");
            return shown;
        } finally {
            process.destroy();
        }
    }
}
