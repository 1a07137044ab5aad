package io.lorikeet.trainer.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.training.TrainingExample;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowCacheTest {
    private static final TrainingExample ROW =
            new TrainingExample(new int[] {1, 2, 3}, new int[] {-100, 2, 3}, new float[] {1, 0.5f, 1});
    private static final TrainingExample OTHER = new TrainingExample(new int[] {7, 8}, new int[] {-100, 8});
    /** Of the two rows and the word that is kept with them. */
    private static final long SIZE = 4 * (3 + 3 + 2) + 2 * 16 + 5;

    @TempDir
    Path folder;

    private Path kept;
    private RowCache cache;

    @BeforeEach
    void open() {
        kept = folder.resolve("kept");
        cache = RowCache.in(kept, 1_000_000, 1);
    }

    @Test
    void findsWhatAnEarlierRunKept() throws IOException {
        assertThat(cache.find("a")).isEmpty();
        keep("a");

        RowCache.Entry entry = RowCache.in(kept, 1_000_000, 1).find("a").orElseThrow();

        assertThat(entry.facts()).asString(UTF_8).isEqualTo("facts");
        assertThat(entry.rows()).hasSize(2);
        assertThat(entry.rows().get(0)).usingRecursiveComparison().isEqualTo(ROW);
        assertThat(entry.rows().get(1)).usingRecursiveComparison().isEqualTo(OTHER);
        assertThat(cache.find("b")).isEmpty();
        assertThat(names()).containsExactly("a");
    }

    @Test
    void leavesNothingOfWhatIsNotKept() throws IOException {
        TokenisedRows rows;
        try (var draft = cache.draft(folder)) {
            rows = write(draft);
        }

        assertThat(names()).isEmpty();
        assertThat(rows.get(1))
                .as("a view outlives its files")
                .usingRecursiveComparison()
                .isEqualTo(OTHER);
        try (var draft = RowCache.none().draft(folder)) {
            write(draft);
            draft.keep("a", new byte[0]);
            assertThat(folder).isDirectoryNotContaining(path -> !path.equals(kept));
        }
    }

    @Test
    void makesAnewWhatIsDamaged() throws IOException {
        keep("a");
        try (var tokens = FileChannel.open(kept.resolve("a/tokens"), StandardOpenOption.WRITE)) {
            tokens.truncate(tokens.size() - 4);
        }

        assertThat(cache.find("a")).isEmpty();
        keep("a");
        assertThat(cache.find("a")).isPresent();
    }

    @Test
    void deletesWhatWasNotUsedForLongest() throws IOException {
        cache = RowCache.in(kept, 2 * SIZE, 1);
        keep("a");
        keep("b");
        age("a", 2);
        age("b", 1);
        RowCache.Entry used = cache.find("a").orElseThrow();

        keep("c");

        assertThat(names()).containsExactly("a", "c");
        age("a", 1);
        keep("d");
        assertThat(names()).containsExactly("c", "d");
        assertThat(used.rows().get(0).inputIds()).as("whoever reads it goes on").containsExactly(1, 2, 3);
    }

    @Test
    void keepsNothingThatIsTooLargeOrNotWorthIt() throws IOException {
        cache = RowCache.in(kept, SIZE - 1, 1);
        keep("a");
        cache = RowCache.in(kept, 1_000_000, 1_000);
        keep("b");

        assertThat(names()).isEmpty();
    }

    @Test
    void ofTwoTrainersThatWriteOneEntryTheFirstStays() throws IOException {
        try (var one = cache.draft(folder);
                var two = RowCache.in(kept, 1_000_000, 1).draft(folder)) {
            write(one);
            TokenisedRows second = write(two);
            one.keep("a", "first".getBytes(UTF_8));
            two.keep("a", "second".getBytes(UTF_8));

            assertThat(second.get(1).inputIds()).containsExactly(7, 8);
        }
        assertThat(cache.find("a").orElseThrow().facts()).asString(UTF_8).isEqualTo("first");
        assertThat(names()).containsExactly("a");
    }

    @Test
    void clearsAwayWhatADeadTrainerWasWriting() throws IOException {
        Path abandoned = Files.createDirectories(kept.resolve(".new-1"));
        Files.writeString(abandoned.resolve("tokens"), "x");
        Path begun = Files.createDirectories(kept.resolve(".new-2"));
        try (var alive = RowCache.in(kept, 1_000_000, 1).draft(folder)) {
            write(alive);

            keep("a");

            assertThat(abandoned).doesNotExist();
            assertThat(begun).exists();
            alive.keep("b", "facts".getBytes(UTF_8));
        }
        assertThat(cache.find("b")).isPresent();
    }

    private void keep(String key) throws IOException {
        try (var draft = cache.draft(folder)) {
            write(draft);
            draft.keep(key, "facts".getBytes(UTF_8));
        }
    }

    private static TokenisedRows write(RowCache.Draft draft) throws IOException {
        draft.writer().add(ROW);
        draft.writer().add(OTHER);
        return draft.writer().finish();
    }

    private void age(String key, int hours) throws IOException {
        try (var files = Files.walk(kept.resolve(key))) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(hours))));
            }
        }
    }

    private List<String> names() throws IOException {
        try (var entries = Files.list(kept)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (java.nio.file.NoSuchFileException e) {
            return List.of();
        }
    }
}
