package io.lorikeet.gateway.training;

import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.SequenceWriter;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.adapters.PublishedVersion;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What the gateway knew of the events topic, in a file: the next start reads on from there instead of reading all of it. The
 * topic remains what counts: without the file, or if it is of another topic, everything is read.
 */
@ApplicationScoped
public class StateFile {
    private static final Logger LOG = Logger.getLogger(StateFile.class);
    private static final String NAME = "events.jsonl";
    private static final int FORMAT = 1;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Optional<Path> folder;
    private final Jobs jobs;
    private final AdapterCatalog adapters;
    private Map<Integer, Long> written = Map.of();

    /**
     * A line of the file, which has one of these.
     *
     * @param begin of the first line
     * @param end of the last line: lines between
     */
    record Line(Begin begin, SavedJob job, FallenOut fallenOut, PublishedVersion version, Integer end) {}

    /**
     * Where the file stands.
     *
     * @param topic the topic's id, which is another one if it was deleted and made again
     * @param positions the next offset of each partition
     */
    record Begin(int format, String topic, Map<Integer, Long> positions, long forgotten) {}

    /** A job that had fallen out, and where its events stand. */
    record FallenOut(String jobId, List<Long> extent) {}

    @Inject
    StateFile(GatewayConfig config, Jobs jobs, AdapterCatalog adapters) {
        this(config.stateFolder(), jobs, adapters);
    }

    StateFile(Optional<Path> folder, Jobs jobs, AdapterCatalog adapters) {
        this.folder = folder;
        this.jobs = jobs;
        this.adapters = adapters;
    }

    boolean isKept() {
        return folder.isPresent();
    }

    /**
     * Takes in what the file says.
     *
     * @param ends the end of each partition
     * @return where to read on, by partition; empty to read everything
     */
    Map<Integer, Long> restore(String topic, Map<Integer, Long> ends) {
        var file = folder.map(each -> each.resolve(NAME)).filter(Files::exists);
        if (file.isEmpty()) {
            return Map.of();
        }
        try (MappingIterator<Line> lines =
                Json.mapper().readerFor(Line.class).readValues(file.get().toFile())) {
            var begin = lines.nextValue().begin();
            if (!isOf(begin, topic, ends)) {
                LOG.infof("%s is of another topic: all events are read", file.get());
                return Map.of();
            }
            take(begin, lines);
            written = begin.positions();
            return begin.positions();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("%s cannot be used, so all events are read: %s", file.get(), e.getMessage());
            jobs.clear();
            return Map.of();
        }
    }

    private static boolean isOf(Begin begin, String topic, Map<Integer, Long> ends) {
        return begin.format() == FORMAT
                && begin.topic().equals(topic)
                && begin.positions().entrySet().stream()
                        .allMatch(each -> each.getValue() <= ends.getOrDefault(each.getKey(), -1L));
    }

    private void take(Begin begin, MappingIterator<Line> lines) throws IOException {
        jobs.restore(begin.positions(), begin.forgotten());
        int count = 0;
        while (lines.hasNextValue()) {
            var line = lines.nextValue();
            if (line.end() != null) {
                if (line.end() != count) {
                    throw new IOException("it has " + count + " entries, and says " + line.end());
                }
                return;
            }
            count++;
            if (line.job() != null) {
                jobs.restore(line.job());
            }
            if (line.fallenOut() != null) {
                jobs.restore(line.fallenOut().jobId(), line.fallenOut().extent());
            }
            if (line.version() != null) {
                adapters.know(line.version());
            }
        }
        throw new IOException("it has no end");
    }

    /** Writes the file anew, if anything has come since; on the thread that brings the events. */
    void save(String topic) {
        var positions = jobs.positions();
        if (folder.isEmpty() || positions.equals(written)) {
            return;
        }
        var file = folder.get().resolve(NAME);
        var temporary = folder.get().resolve(NAME + ".tmp");
        try {
            Files.createDirectories(folder.get());
            write(temporary, new Begin(FORMAT, topic, positions, jobs.forgotten()));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            written = positions;
        } catch (IOException | UncheckedIOException e) {
            LOG.warnf("%s cannot be written, so the next start takes longer: %s", file, e.toString());
        }
    }

    private void write(Path file, Begin begin) throws IOException {
        try (var channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
                var lines = Json.mapper()
                        .writerFor(Line.class)
                        .with(new MinimalPrettyPrinter("\n"))
                        .writeValues(out)) {
            var writer = new Writer(lines);
            writer.add(new Line(begin, null, null, null, null));
            writer.count = 0;
            jobs.save(
                    job -> writer.add(new Line(null, job, null, null, null)),
                    (id, extent) -> writer.add(new Line(null, null, new FallenOut(id, extent), null, null)));
            adapters.versions().forEach(version -> writer.add(new Line(null, null, null, version, null)));
            writer.add(new Line(null, null, null, null, writer.count));
            lines.flush();
            channel.force(true);
        }
    }

    private static final class Writer {
        private final SequenceWriter lines;
        private int count;

        Writer(SequenceWriter lines) {
            this.lines = lines;
        }

        void add(Line line) {
            try {
                lines.write(line);
                count++;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
