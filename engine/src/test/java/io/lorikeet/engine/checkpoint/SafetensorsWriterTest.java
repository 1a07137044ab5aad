package io.lorikeet.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.model.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {
    @TempDir
    private Path temp;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwen2-tiny/model/model.safetensors",
                "qwen2-bf16/model/model.safetensors",
                "qwen2-tied-sharded/model/model-00003-of-00005.safetensors"
            })
    void writesWhatHuggingFaceWroteByteForByte(String golden) {
        Path source = Golden.folder(golden);
        Path target = temp.resolve("copy.safetensors");

        try (Safetensors file = Safetensors.open(source)) {
            List<TensorSlice> slices = new ArrayList<>(file.tensors().values());
            Collections.reverse(slices);
            SafetensorsWriter writer = new SafetensorsWriter();
            slices.forEach(writer::add);
            writer.write(target);
        }

        assertThat(target).hasSameBinaryContentAs(source);
    }

    @Test
    void alignsEveryTensorWhateverItsNeighbours() {
        Path file = temp.resolve("mixed.safetensors");
        new SafetensorsWriter()
                .add("a", DType.U8, new long[] {3}, () -> MemorySegment.ofArray(new byte[] {1, 2, 3}))
                .add("b", new long[] {2}, new float[] {1.5f, -2.5f})
                .add("c", DType.I64, new long[] {}, () -> MemorySegment.ofArray(new byte[] {7, 0, 0, 0, 0, 0, 0, 0}))
                .write(file);

        try (Safetensors written = Safetensors.open(file)) {
            assertThat(written.tensor("b").toFloats()).containsExactly(1.5f, -2.5f);
            assertThat(written.tensor("c").toLongs()).containsExactly(7);
            assertThat(written.tensors().values())
                    .allMatch(t -> t.bytes().address() % t.dtype().byteSize() == 0);
            assertThat(written.metadata()).containsOnly(Map.entry("format", "pt"));
        }
    }

    @Test
    void asksForEachTensorOnlyWhenItsTurnHasCome() {
        List<String> asked = new ArrayList<>();
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : List.of("b", "a")) {
            writer.add(name, DType.U8, new long[] {1}, () -> {
                asked.add(name);
                return MemorySegment.ofArray(new byte[1]);
            });
        }
        assertThat(asked).isEmpty();

        writer.write(temp.resolve("lazy.safetensors"));

        assertThat(asked).containsExactly("a", "b");
    }

    @Test
    void leavesTheOldFileAndNothingElseWhenATensorFails() throws IOException {
        Path file = Files.writeString(temp.resolve("model.safetensors"), "old");
        SafetensorsWriter writer = new SafetensorsWriter()
                .add("a", new long[] {1}, new float[] {1})
                .add("b", DType.F32, new long[] {1}, () -> {
                    throw new IllegalStateException("the device is gone");
                });

        assertThatThrownBy(() -> writer.write(file)).hasMessage("the device is gone");

        assertThat(file).hasContent("old");
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void refusesBytesThatDoNotFitTheShape() {
        SafetensorsWriter writer = new SafetensorsWriter()
                .add("a", DType.BF16, new long[] {2, 2}, () -> MemorySegment.ofArray(new byte[7]));

        assertThatThrownBy(() -> writer.write(temp.resolve("x")))
                .hasMessageContaining("tensor a: BF16[2, 2] takes 8 bytes, got 7");
    }

    @Test
    void refusesANameTwice() {
        SafetensorsWriter writer = new SafetensorsWriter().add("a", new long[] {1}, new float[] {1});

        assertThatThrownBy(() -> writer.add("a", new long[] {1}, new float[] {1}))
                .hasMessageContaining("added twice");
    }

    @Test
    void saysWhichFileCannotBeWritten() throws IOException {
        Path notADirectory = Files.writeString(temp.resolve("file"), "");

        assertThatThrownBy(() -> new SafetensorsWriter().write(notADirectory.resolve("model.safetensors")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("cannot be written");
    }
}
