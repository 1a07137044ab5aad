package io.lorikeet.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A client that people have, unmodified: a folder of src/test/clients with what installs it, pinned, and a program that goes
 * through the list with it. The program is given the gateway's address and prints a line for each check, {@code ok NAME} or
 * {@code failed NAME: why}.
 */
record Client(String folder, String program) {
    private static final Path SOURCES = Path.of("src/test/clients").toAbsolutePath();
    private static final Path WORK = Path.of("target/clients").toAbsolutePath();
    private static final long PATIENCE = 120;

    /** One of those that run on Node; {@code npm ci} installs them all at once. */
    static Client npm(String program) {
        return new Client("npm", program);
    }

    /** One that runs in a JVM of its own, with the classpath of its own pom; a program that is a jar is packaged first. */
    static Client maven(String folder, String program) {
        return new Client(folder, program);
    }

    /** Installs it; what is installed already stays. */
    void install() {
        Path work = WORK.resolve(folder);
        try {
            copy(SOURCES.resolve(folder), work);
            if (isNpm()) {
                if (!Files.isRegularFile(work.resolve("node_modules/.package-lock.json"))) {
                    run(work, List.of("npm", "ci", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"));
                }
            } else if (isPackaged()) {
                if (!Files.isRegularFile(work.resolve(program))) {
                    run(work, List.of("mvn", "-q", "-B", "-DskipTests", "package"));
                }
            } else if (!Files.isRegularFile(work.resolve("classpath"))) {
                run(work, List.of("mvn", "-q", "-B", "dependency:build-classpath", "-Dmdep.outputFile=classpath"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the tests of clients need npm and mvn", e);
        }
    }

    /** Goes through its list against a gateway; the lines that it prints of it. */
    List<String> check(String gateway, String... more) {
        Path work = WORK.resolve(folder);
        try {
            List<String> command = command(work, gateway);
            command.addAll(List.of(more));
            return run(work, command)
                    .lines()
                    .filter(line -> line.startsWith("ok ") || line.startsWith("failed "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(Path work, String gateway) throws IOException {
        if (isNpm()) {
            return new ArrayList<>(List.of("node", program, gateway));
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        if (isPackaged()) {
            command.addAll(List.of("-Dgateway=" + gateway, "-jar", program));
        } else {
            command.addAll(
                    List.of("-cp", Files.readString(work.resolve("classpath")).strip(), program, gateway));
        }
        return command;
    }

    private boolean isNpm() {
        return folder.equals("npm");
    }

    private boolean isPackaged() {
        return program.endsWith(".jar");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static String run(Path directory, List<String> command) throws IOException {
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(command.getFirst() + " has not ended: " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(
                    command.getFirst() + " ended with " + process.exitValue() + ": " + Files.readString(log));
        }
        return Files.readString(log);
    }

    @Override
    public String toString() {
        return isNpm() ? program : folder;
    }
}
