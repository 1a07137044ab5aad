package io.lorikeet.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {

    @TempDir
    Path folder;

    @Test
    void tellsTheInnermostCauseOfTheLastStackTrace() throws IOException {
        assertThat(tellingLine("""
                        2025-01-01 INFO started
                        2025-01-01 ERROR Failed to start application: java.lang.RuntimeException: outer
                        \tat a.B.c(B.java:1)
                        Caused by: java.lang.IllegalStateException: middle
                        \tat a.B.c(B.java:1)
                        Caused by: io.lorikeet.CheckpointException: model.safetensors is truncated
                        \t... 7 more
                        """)).isEqualTo("model.safetensors is truncated");
    }

    @Test
    void tellsTheLastErrorWhereThereIsNoTrace() throws IOException {
        assertThat(tellingLine("INFO a\nERROR no space left\nINFO stopping\n")).isEqualTo("ERROR no space left");
    }

    @Test
    void tellsTheLastLineWhereNothingSoundsLikeAnError() throws IOException {
        assertThat(tellingLine("a\nb\n\n")).isEqualTo("b");
        assertThat(tellingLine("")).isEqualTo("its log is empty");
    }

    private String tellingLine(String log) throws IOException {
        return LogTail.tellingLine(Files.writeString(folder.resolve("x.log"), log));
    }
}
