package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors arrive as copies that stand for the same open files. */
@EnabledOnOs(OS.LINUX)
@SuppressWarnings("restricted") // opens a file as the C library does
class DescriptorSocketTest {
    private static final int MORE_THAN_A_MESSAGE_HOLDS = 150;

    @TempDir
    private Path directory;

    @Test
    void whatOneGivesTheOtherReads() throws IOException {
        List<Integer> given = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_A_MESSAGE_HOLDS; i++) {
            Path file = directory.resolve("file-" + i);
            Files.writeString(file, "content " + i);
            given.add(open(file));
            Files.delete(file);
        }
        Path path = directory.resolve("socket");
        try (var _ = DescriptorSocket.open(path, given)) {
            List<Integer> received = DescriptorSocket.receive(path).orElseThrow();
            assertThat(received).hasSize(MORE_THAN_A_MESSAGE_HOLDS).doesNotContainAnyElementsOf(given);
            assertThat(Files.readString(Path.of("/proc/self/fd/" + received.getFirst())))
                    .isEqualTo("content 0");
            assertThat(Files.readString(Path.of("/proc/self/fd/" + received.getLast())))
                    .isEqualTo("content " + (MORE_THAN_A_MESSAGE_HOLDS - 1));
            received.forEach(DescriptorSocket::close);
        }
        given.forEach(DescriptorSocket::close);
        assertThat(path).doesNotExist();
    }

    @Test
    void nobodyListensWhereAProcessWasKilled() throws IOException {
        Path path = directory.resolve("socket");
        assertThat(DescriptorSocket.receive(path)).isEmpty();
        Files.createFile(path);
        assertThat(DescriptorSocket.receive(path)).isEmpty();
    }

    @Test
    void aPathThatIsTooLongIsSaid() {
        Path path = directory.resolve("s".repeat(120));
        assertThatThrownBy(() -> DescriptorSocket.open(path, List.of()))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("shorter path");
    }

    private static int open(Path file) {
        var open = NativeFunctions.ofSystem().find("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            var name = arena.allocateFrom(file.toString());
            return NativeFunctions.call(() -> (int) open.invokeExact(name, 0));
        }
    }
}
