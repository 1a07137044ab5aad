package io.lorikeet.trainer.dataset;

import io.lorikeet.trainer.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Tokenised rows that are kept from one run to the next, each under the digest of all that they depend on:
 *
 * <pre>
 *   &lt;folder&gt;/&lt;key&gt;/tokens, index     {@link TokenisedRows}
 *   &lt;folder&gt;/&lt;key&gt;/facts.json        what else was found out about them; touched whenever they are used
 *   &lt;folder&gt;/.new-…                   being written, and locked by who does; unlocked if that process died
 * </pre>
 *
 * An entry is moved in place when it is whole and on the disk. Any of them may be deleted at any time, by anybody: a run that
 * has mapped it goes on. Several trainers may share the folder; if two write one entry, the first stays. What has not been used
 * for longest goes when all together are larger than the limit, or than what they leave free on the disk.
 */
public final class RowCache {
    private static final Logger LOG = Logger.getLogger(RowCache.class);
    private static final String FACTS = "facts.json";
    private static final String NEW = ".new-";
    /** Smaller ones are made in less time than it takes to think of them. */
    private static final long WORTH_KEEPING = 4L << 20;
    /** From making the folder to locking its file it is a moment. */
    private static final Duration ABANDONED = Duration.ofMinutes(10);

    private final Optional<Path> folder;
    private final long limit;
    private final long worthKeeping;

    private RowCache(Optional<Path> folder, long limit, long worthKeeping) {
        this.folder = folder;
        this.limit = limit;
        this.worthKeeping = worthKeeping;
    }

    /** Keeps entries in a folder, as many bytes as this together. */
    public static RowCache in(Path folder, long limit) {
        return in(folder, limit, WORTH_KEEPING);
    }

    /** The same; entries of fewer bytes than {@code worthKeeping} are not kept. */
    public static RowCache in(Path folder, long limit, long worthKeeping) {
        return limit == 0 ? none() : new RowCache(Optional.of(folder), limit, worthKeeping);
    }

    /** Keeps nothing. */
    public static RowCache none() {
        return new RowCache(Optional.empty(), 0, 0);
    }

    public boolean keepsAnything() {
        return folder.isPresent();
    }

    /**
     * What is kept under a key.
     *
     * @param facts as they were given to {@link Draft#keep}
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Entry(TokenisedRows rows, byte[] facts) {}

    /** Rows that were kept; one that is damaged is none. */
    public Optional<Entry> find(String key) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        Path entry = folder.get().resolve(key);
        Path facts = entry.resolve(FACTS);
        try {
            byte[] read = Files.readAllBytes(facts);
            TokenisedRows rows = TokenisedRows.open(entry);
            Files.setLastModifiedTime(facts, FileTime.from(Instant.now()));
            return Optional.of(new Entry(rows, read));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warnf("Tokenised rows in %s cannot be used and are made anew: %s", entry, e);
            discard(entry);
            return Optional.empty();
        }
    }

    /**
     * A place for rows that are being made.
     *
     * @param scratch where they lie if nothing is kept
     */
    public Draft draft(Path scratch) throws IOException {
        if (folder.isEmpty()) {
            return notKept(scratch);
        }
        Files.createDirectories(folder.get());
        for (Path path : DurableFiles.list(folder.get())) {
            if (isNew(path) && isAbandoned(path)) {
                discard(path);
            }
        }
        Path place = Files.createTempDirectory(folder.get(), NEW);
        Optional<TokenisedRows.Writer> writer = TokenisedRows.Writer.in(place);
        return writer.isPresent() ? new Draft(Optional.of(place), writer.get()) : notKept(scratch);
    }

    private Draft notKept(Path scratch) throws IOException {
        return new Draft(Optional.empty(), TokenisedRows.Writer.nameless(scratch));
    }

    /** Rows that are being made. Those that are not kept are gone from the disk when this is closed and nobody reads them. */
    public final class Draft implements AutoCloseable {
        private final Optional<Path> place;
        private final TokenisedRows.Writer writer;

        private Draft(Optional<Path> place, TokenisedRows.Writer writer) {
            this.place = place;
            this.writer = writer;
        }

        TokenisedRows.Writer writer() {
            return writer;
        }

        /** All of them are written: keeps them under this key, if they are neither too few nor too many. */
        public void keep(String key, byte[] facts) {
            if (place.isEmpty() || writer.bytes() < worthKeeping || writer.bytes() + facts.length > limit) {
                return;
            }
            try {
                DurableFiles.write(place.get().resolve(FACTS), facts);
                writer.force();
                Files.move(place.get(), folder.orElseThrow().resolve(key), StandardCopyOption.ATOMIC_MOVE);
                prune();
            } catch (IOException e) {
                // another trainer was first, or the disk is full: this run has its rows all the same
                LOG.infof("Tokenised rows are not kept as %s: %s", key, e);
            }
        }

        @Override
        public void close() throws IOException {
            writer.close();
            if (place.isPresent()) {
                DurableFiles.delete(place.get());
            }
        }
    }

    private record Kept(Path path, long bytes, FileTime used) {}

    /** The least recently used go until all are within the limit, and take no more of the disk than they leave free. */
    private void prune() throws IOException {
        List<Kept> all = new ArrayList<>();
        for (Path path : DurableFiles.list(folder.orElseThrow())) {
            if (!isNew(path)) {
                kept(path).ifPresent(all::add);
            }
        }
        all.sort(Comparator.comparing(Kept::used));
        long bytes = all.stream().mapToLong(Kept::bytes).sum();
        long free = Files.getFileStore(folder.orElseThrow()).getUsableSpace();
        long most = Math.min(limit, (free + bytes) / 2);
        for (Kept oldest : all) {
            if (bytes > most) {
                discard(oldest.path);
                bytes -= oldest.bytes;
            }
        }
    }

    private static boolean isNew(Path path) {
        return path.getFileName().toString().startsWith(NEW);
    }

    /** Whether the process that wrote there is gone. */
    private static boolean isAbandoned(Path draft) {
        try {
            return TokenisedRows.Writer.isUnlocked(draft);
        } catch (IOException e) {
            // it has no file yet, or none any more
            return kept(draft)
                    .filter(old -> old.used.toInstant().isBefore(Instant.now().minus(ABANDONED)))
                    .isPresent();
        }
    }

    /** Empty if somebody is deleting it. */
    private static Optional<Kept> kept(Path path) {
        try (Stream<Path> files = Files.list(path)) {
            long bytes = 0;
            FileTime used = Files.getLastModifiedTime(path);
            for (Path file : files.toList()) {
                bytes += Files.size(file);
                FileTime touched = Files.getLastModifiedTime(file);
                used = touched.compareTo(used) > 0 ? touched : used;
            }
            return Optional.of(new Kept(path, bytes, used));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Under another name first, so that nobody finds half of it. */
    private static void discard(Path entry) {
        try {
            Path old = entry.resolveSibling(NEW + "old-" + System.nanoTime());
            Files.move(entry, old, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.delete(old);
        } catch (IOException | UncheckedIOException e) {
            LOG.infof("Tokenised rows in %s were not deleted: %s", entry, e);
        }
    }
}
