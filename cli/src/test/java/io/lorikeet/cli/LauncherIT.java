package io.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bash launcher in the project's root, run from somewhere else. */
class LauncherIT {

    private static final Path LAUNCHER =
            Path.of("").toAbsolutePath().resolveSibling("lorikeet").normalize();

    @TempDir
    Path elsewhere;

    private record Result(int exitCode, String output) {}

    @Test
    void helpNamesEverySubcommandOfTheCli() throws Exception {
        Result help = run(Map.of(), "--help");

        assertThat(help.exitCode()).isZero();
        assertThat(Lorikeet.commandLine().getSubcommands().keySet())
                .isNotEmpty()
                .allSatisfy(command -> assertThat(help.output()).containsPattern("(?m)^  " + command + " "));
    }

    @Test
    void namesItsVersion() throws Exception {
        assertThat(run(Map.of(), "--version").output()).matches("Lorikeet \\d+\\.\\d+.*\\R");
    }

    /** As the image starts it, without the launcher. */
    @Test
    void theJarAloneHasHelpAndAVersion() throws Exception {
        Path jar = LAUNCHER.resolveSibling("cli/target/lorikeet-cli.jar");
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        for (String option : List.of("--help", "--version")) {
            var process = new ProcessBuilder(java, "-jar", jar.toString(), option).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor()).isZero();
            assertThat(output)
                    .containsPattern(option.equals("--help") ? "(?m)^  topics " : "^Lorikeet \\d")
                    .doesNotContainPattern("(?m)^.{81}");
        }
    }

    @Test
    void refusesACommandThatDoesNotExistBeforeItBuildsAnything() throws Exception {
        Result result = run(Map.of(), "trian");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output()).contains("there is no command 'trian'").doesNotContain("Building");
    }

    /** A machine where the only JDK anywhere is an old one. */
    @Test
    void saysWhichJdkIsMissingWhatWasFoundAndHowToGetOne() throws Exception {
        Path oldJdk = elsewhere.resolve("jdk-17");
        Files.createDirectories(oldJdk.resolve("bin"));
        for (String tool : List.of("java", "javac")) {
            Files.createFile(
                    oldJdk.resolve("bin").resolve(tool),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
        Files.writeString(oldJdk.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");

        Result result = run(
                Map.of(
                        "JAVA_HOME", oldJdk.toString(),
                        "LORIKEET_JDKS", elsewhere + "/jdk-*",
                        "PATH", toolsWithoutJava().toString()),
                "status");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output())
                .contains("no JDK 25 or newer on this machine", "JDK 17  " + oldJdk, "sdk install java", "JAVA_HOME")
                .doesNotContain("Building");
    }

    private Path toolsWithoutJava() throws IOException {
        Path tools = Files.createDirectory(elsewhere.resolve("tools"));
        for (String tool : List.of("bash", "sed", "head", "dirname", "readlink", "cat")) {
            Path found = Stream.of(System.getenv("PATH").split(":"))
                    .map(folder -> Path.of(folder, tool))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow();
            Files.createSymbolicLink(tools.resolve(tool), found);
        }
        return tools;
    }

    private Result run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", LAUNCHER.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(elsewhere.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
