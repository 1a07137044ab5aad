package io.lorikeet.trainer.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that does nothing but write folders is killed, again and again: what is there under its name is whole. */
class DurableFilesIT {
    private static final int KILLS = Integer.getInteger("lorikeet.soak.kills", 12);
    private static final int FILES = 4;
    private static final int SIZE = 2 << 20;

    @TempDir
    Path folder;

    /** Writes {@code checkpoint-N} after {@code checkpoint-N} until it is killed. */
    static final class Writer {
        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            for (int n = Integer.parseInt(arguments[1]); ; n++) {
                byte[] content = new byte[SIZE];
                new Random(n).nextBytes(content);
                Path checkpoint = folder.resolve("checkpoint-" + n);
                // one that was whole before the kill stays, as a run's checkpoints do
                if (Files.notExists(checkpoint)) {
                    DurableFiles.writeFolder(checkpoint, files -> {
                        for (int file = 0; file < FILES; file++) {
                            Files.write(files.resolve("part-" + file), content);
                        }
                    });
                }
                DurableFiles.write(
                        folder.resolve("latest"),
                        ByteBuffer.allocate(4).putInt(n).array());
                Path old = folder.resolve("checkpoint-" + (n - 3));
                if (Files.exists(old)) {
                    Path doomed = folder.resolve(".old");
                    DurableFiles.delete(doomed);
                    Files.move(old, doomed);
                }
            }
        }
    }

    @Test
    void whateverAKillLeavesUnderItsNameIsWhole() throws Exception {
        var random = new Random(4);
        int next = 0;
        int halfWritten = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process writer = start(next);
            Path latest = folder.resolve("latest");
            long deadline = System.nanoTime() + 60_000_000_000L;
            int before = next;
            while (!Files.exists(latest) || latest(latest) < before) {
                assertThat(writer.isAlive()).isTrue();
                assertThat(System.nanoTime()).as("something is written").isLessThan(deadline);
                Thread.sleep(2);
            }
            Thread.sleep(random.nextInt(60));
            writer.destroyForcibly().waitFor();

            for (Path checkpoint : checkpoints()) {
                assertWhole(checkpoint);
            }
            next = latest(latest) + 1;
            assertThat(folder.resolve("checkpoint-" + (next - 1)))
                    .as("what was written last is there")
                    .isDirectory();
            halfWritten += Files.exists(folder.resolve(".checkpoint-" + next + ".tmp")) ? 1 : 0;
        }
        assertThat(halfWritten).as("some kills hit a half written folder").isPositive();
    }

    private Process start(int first) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Writer.class.getName(),
                        folder.toString(),
                        Integer.toString(first))
                .inheritIO()
                .start();
    }

    private List<Path> checkpoints() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> path.getFileName().toString().startsWith("checkpoint-"))
                    .toList();
        }
    }

    private static int latest(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).getInt();
    }

    private static void assertWhole(Path checkpoint) throws Exception {
        int n = Integer.parseInt(checkpoint.getFileName().toString().substring("checkpoint-".length()));
        byte[] expected = new byte[SIZE];
        new Random(n).nextBytes(expected);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(expected);
        for (int file = 0; file < FILES; file++) {
            byte[] found = Files.readAllBytes(checkpoint.resolve("part-" + file));
            assertThat(MessageDigest.getInstance("SHA-256").digest(found)).isEqualTo(digest);
        }
    }
}
