package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.training.TrainingExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenisedRowsTest {
    @TempDir
    Path folder;

    /** More than the writer's buffer and its first index hold; empty rows among them. */
    @Test
    void givesRowsBackAsTheyCameInAnyOrder() throws IOException {
        var random = new Random(1);
        List<TrainingExample> rows = new ArrayList<>();
        TokenisedRows kept;
        try (var writer = TokenisedRows.Writer.nameless(folder)) {
            for (int i = 0; i < 5_000; i++) {
                rows.add(row(random, random.nextInt(200)));
                writer.add(rows.getLast());
            }
            kept = writer.finish();
        }

        assertThat(folder).as("the file has no name").isEmptyDirectory();
        assertThat(kept).hasSize(5_000);
        assertSame(kept, rows);
        int[] order = Sampling.take(Sampling.permutation(5_000, 42, 0), 12_000, 42, 1);
        TokenisedRows selected = kept.select(order);
        assertThat(selected).hasSize(12_000);
        for (int i = 0; i < order.length; i += 37) {
            assertThat(selected.get(i).inputIds()).isEqualTo(rows.get(order[i]).inputIds());
        }
    }

    @Test
    void holdsNothingIfNothingCame() throws IOException {
        try (var writer = TokenisedRows.Writer.nameless(folder)) {
            assertThat(writer.finish()).isEmpty();
        }
    }

    private static void assertSame(TokenisedRows kept, List<TrainingExample> rows) {
        for (int i = 0; i < rows.size(); i++) {
            assertThat(kept.get(i).inputIds()).isEqualTo(rows.get(i).inputIds());
            assertThat(kept.get(i).labels()).isEqualTo(rows.get(i).labels());
            assertThat(kept.get(i).weights()).isEqualTo(rows.get(i).weights());
            assertThat(kept.length(i)).isEqualTo(rows.get(i).length());
            assertThat(kept.supervisedTokens(i)).isEqualTo(rows.get(i).supervisedTokens());
        }
    }

    private static TrainingExample row(Random random, int length) {
        int[] ids = random.ints(length, 0, 151_936).toArray();
        int[] labels = ids.clone();
        for (int i = 0; i < length; i++) {
            if (random.nextBoolean()) {
                labels[i] = ChatTemplate.IGNORED_LABEL;
            }
        }
        if (random.nextInt(10) > 0) {
            return new TrainingExample(ids, labels);
        }
        float[] weights = new float[length];
        for (int i = 0; i < length; i++) {
            weights[i] = random.nextFloat();
        }
        return new TrainingExample(ids, labels, weights);
    }
}
