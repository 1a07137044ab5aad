package io.lorikeet.trainer.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lorikeet.trainer.files.DurableFiles;
import io.lorikeet.trainer.run.RunControl;
import io.lorikeet.trainer.run.Runs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;

/** Files for TensorBoard, read with TensorFlow's own classes. */
class EventFileTest {
    @TempDir
    Path folder;

    @Test
    void beginsAsEveryEventFileDoes() throws IOException {
        new EventFile(folder, 1);

        // the length of the record that names the version, its checksum as TensorFlow writes it, and the field of the
        // time
        assertThat(Files.readAllBytes(files().getFirst())).startsWith(24, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22);
        assertThat(files().getFirst().getFileName().toString()).startsWith("events.out.tfevents.");
        assertThat(events(files().getFirst()).getFirst().getFileVersion()).isEqualTo("brain.Event:2");
    }

    @Test
    void holdsScalarsByStepAndTag() throws IOException {
        long before = System.currentTimeMillis() / 1000;
        var file = new EventFile(folder, 1);
        file.scalars(5, Map.of("train/loss", 2.5, "train/learning_rate", 1e-4));
        file.scalars(100_000, Map.of("eval/loss", Double.NaN));

        List<Event> events = events(files().getFirst());

        assertThat(events).hasSize(4);
        assertThat(events.get(2).getStep()).isEqualTo(5);
        assertThat(events.get(2).getWallTime()).isBetween((double) before, before + 60.0);
        assertThat(events.get(2).getSummary().getValueList())
                .extracting(Summary.Value::getTag, Summary.Value::getSimpleValue)
                .containsExactlyInAnyOrder(tuple("train/loss", 2.5f), tuple("train/learning_rate", 1e-4f));
        assertThat(events.get(3).getStep()).isEqualTo(100_000);
        assertThat(events.get(3).getSummary().getValue(0).getSimpleValue()).isNaN();
    }

    @Test
    void aRunThatIsResumedWritesAnotherFileThatSaysFromWhichStepOn() throws IOException {
        new EventFile(folder, 1).scalars(8, Map.of("train/loss", 2.0));
        new EventFile(folder, 6).scalars(8, Map.of("train/loss", 1.0));

        assertThat(files()).hasSize(2);
        Event start = events(files().getLast()).get(1);
        assertThat(start.getStep()).isEqualTo(6);
        assertThat(start.getSessionLog().getStatus()).isEqualTo(SessionLog.SessionStatus.START);
    }

    @Test
    void aRunWritesTheScalarsOfItsLog() throws IOException {
        var runs = new Runs(folder.resolve("data"));
        var run = RunFolder.create(folder.resolve("run"));
        runs.run(
                run,
                "\"max_steps\": 4, \"logging_steps\": 2, \"eval_steps\": 4, \"split_dataset_ratio\": 0.2",
                new RunControl(),
                new Runs.Recorder());

        List<Event> events =
                events(DurableFiles.list(run.path().resolve("runs")).getFirst());

        assertThat(events)
                .flatExtracting(event -> event.getSummary().getValueList().stream()
                        .map(value -> value.getTag() + "@" + event.getStep())
                        .toList())
                .contains("train/loss@1", "train/grad_norm@2", "train/learning_rate@4", "train/token_acc@4")
                .contains("eval/loss@4", "eval/token_acc@4");
    }

    private List<Path> files() throws IOException {
        return DurableFiles.list(folder).stream().filter(Files::isRegularFile).toList();
    }

    /** The records of a file, whose checksums are right. */
    private static List<Event> events(Path file) throws IOException {
        var events = new ArrayList<Event>();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            byte[] header = new byte[8];
            bytes.get(header);
            assertThat(unmasked(bytes.getInt())).isEqualTo(crc(header));
            byte[] data = new byte
                    [(int) ByteBuffer.wrap(header)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(data);
            assertThat(unmasked(bytes.getInt())).isEqualTo(crc(data));
            events.add(Event.parseFrom(data));
        }
        return events;
    }

    private static int unmasked(int masked) {
        int turned = masked - 0xa282ead8;
        return (turned >>> 17) | (turned << 15);
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
