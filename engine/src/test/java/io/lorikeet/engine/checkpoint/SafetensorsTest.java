package io.lorikeet.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    private static final String ONE_TENSOR = "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

    @TempDir
    private Path temp;

    @Test
    void widensBfloat16AndFloat16WithoutLoss() throws IOException {
        String header = """
                {"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]},"h":{"dtype":"F16","shape":[1,3],"data_offsets":[6,12]}}""";
        ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        data.putShort((short) 0x3FC0).putShort((short) 0xC000).putShort((short) 0x7F80);
        data.putShort((short) 0x3E00).putShort((short) 0xC000).putShort((short) 0x0001);

        try (Safetensors file = Safetensors.open(file(header, data.array()))) {
            assertThat(file.tensor("b").toFloats()).containsExactly(1.5f, -2f, Float.POSITIVE_INFINITY);
            assertThat(file.tensor("h").toFloats()).containsExactly(1.5f, -2f, 0x1p-24f);
            assertThat(file.tensor("h").shape()).containsExactly(1, 3);
        }
    }

    @Test
    void readsTensorsThatLieBeyondTwoGibibytes() throws IOException {
        long far = 3L << 30;
        Path file = temp.resolve("large.safetensors");
        byte[] header = ("{\"large\":{\"dtype\":\"BF16\",\"shape\":[1024,%d],\"data_offsets\":[0,%d]},"
                        + "\"last\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}")
                .formatted(far / 2048, far, far, far + 4)
                .getBytes(StandardCharsets.UTF_8);
        // A sparse file: it takes a few blocks of the disk.
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(littleEndian(8).putLong(header.length).flip());
            channel.write(ByteBuffer.wrap(header));
            channel.write(littleEndian(4).putFloat(42f).flip(), 8 + header.length + far);
        }

        try (Safetensors opened = Safetensors.open(file)) {
            assertThat(opened.tensor("large").byteSize()).isEqualTo(far);
            assertThat(opened.tensor("last").toFloats()).containsExactly(42f);
        }
    }

    @Test
    void readsTensorsWithoutElementsAndScalars() throws IOException {
        String header = """
                {"empty":{"dtype":"I64","shape":[0,4],"data_offsets":[0,0]},"scalar":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}""";

        try (Safetensors file =
                Safetensors.open(file(header, littleEndian(8).putLong(-7).array()))) {
            assertThat(file.tensor("empty").toLongs()).isEmpty();
            assertThat(file.tensor("scalar").toLongs()).containsExactly(-7);
        }
    }

    @Test
    void namesTheTensorsThereAreWhenAskedForAnother() throws IOException {
        try (Safetensors file = Safetensors.open(file(ONE_TENSOR, new byte[8]))) {
            assertThatThrownBy(() -> file.tensor("y")).hasMessageContaining("no tensor y; it has [x]");
        }
    }

    @Test
    void refusesAMissingFile() {
        assertRefused(temp.resolve("gone.safetensors"), "gone.safetensors", "nothing there");
    }

    @Test
    void refusesALinkThatLeadsNowhere() throws IOException {
        assertRefused(
                Files.createSymbolicLink(temp.resolve("model.safetensors"), Path.of("blobs/gone")),
                "a link that leads nowhere");
    }

    @Test
    void refusesADirectory() {
        assertRefused(temp, "a directory");
    }

    @Test
    void refusesAFileTooShortForAHeaderLength() throws IOException {
        assertRefused(Files.write(temp.resolve("short"), new byte[7]), "truncated", "found 7");
    }

    @Test
    void refusesAGitLfsPointer() throws IOException {
        assertRefused(
                Files.writeString(
                        temp.resolve("pointer"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"),
                "Git LFS pointer");
    }

    @Test
    void refusesAHeaderLengthThatNoFileHas() throws IOException {
        assertRefused(
                Files.write(temp.resolve("zip"), littleEndian(64).putLong(-1).array()), "18446744073709551615");
    }

    @Test
    void refusesAFileThatEndsInItsHeader() throws IOException {
        byte[] whole = Files.readAllBytes(file(ONE_TENSOR, new byte[8]));
        assertRefused(Files.write(temp.resolve("cut"), Arrays.copyOf(whole, 20)), "truncated", "only 12 follow");
    }

    @Test
    void refusesAHeaderThatIsNoJson() throws IOException {
        assertRefused(file("{\"x\":", new byte[0]), "not valid JSON");
    }

    @Test
    void refusesAHeaderWithMoreBehindItsJson() throws IOException {
        assertRefused(file(ONE_TENSOR + "{}", new byte[8]), "not valid JSON");
    }

    @Test
    void refusesAHeaderThatIsNoObject() throws IOException {
        assertRefused(file("[1,2]", new byte[0]), "expected a JSON object");
    }

    @Test
    void refusesTwoTensorsOfOneName() throws IOException {
        String x = "\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
        assertRefused(file("{" + x + "," + x + "}", new byte[1]), "Duplicate", "'x'");
    }

    @Test
    void refusesADtypeThatItDoesNotKnow() throws IOException {
        assertRefused(file(ONE_TENSOR.replace("F32", "F4_E2M1"), new byte[8]), "tensor x", "F4_E2M1");
    }

    @Test
    void refusesAShapeThatIsNotOfWholeNumbers() throws IOException {
        assertRefused(file(ONE_TENSOR.replace("[2]", "[-2]"), new byte[8]), "tensor x: shape", "-2");
    }

    @Test
    void refusesAShapeThatOverflows() throws IOException {
        assertRefused(
                file(ONE_TENSOR.replace("[2]", "[4611686018427387904,4611686018427387904]"), new byte[8]), "overflows");
    }

    @Test
    void refusesOffsetsThatDoNotFitTheShape() throws IOException {
        assertRefused(
                file(ONE_TENSOR.replace("[0,8]", "[0,4]"), new byte[4]), "tensor x", "F32[2] takes 8 bytes", "span 4");
    }

    @Test
    void refusesOffsetsThatRunBackwards() throws IOException {
        assertRefused(
                file(ONE_TENSOR.replace("[0,8]", "[8,0]"), new byte[8]), "tensor x", "the end lies before the begin");
    }

    @Test
    void refusesOffsetsThatAreNotAPair() throws IOException {
        assertRefused(file(ONE_TENSOR.replace("[0,8]", "[0]"), new byte[8]), "expected [begin, end], found [0]");
    }

    @Test
    void refusesAFileThatEndsInATensor() throws IOException {
        assertRefused(file(ONE_TENSOR, new byte[7]), "truncated", "tensor x ends at byte 8", "holds 7");
    }

    @Test
    void refusesTensorsThatOverlap() throws IOException {
        assertRefused(file("""
                        {"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", new byte[6]), "tensor y", "overlap");
    }

    @Test
    void refusesAHoleBetweenTensors() throws IOException {
        assertRefused(file("""
                        {"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", new byte[3]), "tensor y", "a hole");
    }

    @Test
    void refusesBytesBehindTheLastTensor() throws IOException {
        assertRefused(file(ONE_TENSOR, new byte[9]), "end at byte 8", "holds 9");
    }

    @Test
    void refusesMetadataThatIsNotText() throws IOException {
        assertRefused(file("{\"__metadata__\":{\"n\":1}}", new byte[0]), "__metadata__.n", "expected a string");
    }

    private static void assertRefused(Path file, String... mentions) {
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(file.toString())
                .satisfies(e -> assertThat(e.getMessage()).contains(mentions));
    }

    private Path file(String header, byte[] data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        bytes.writeBytes(littleEndian(8).putLong(json.length).array());
        bytes.writeBytes(json);
        bytes.writeBytes(data);
        return Files.write(temp.resolve("test.safetensors"), bytes.toByteArray());
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
