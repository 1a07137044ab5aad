package io.lorikeet.gateway.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.gateway.training.Places.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacesTest {
    @Test
    void tellsEveryPlaceInTheOrderInWhichItCame() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            var places = new Places();
            var all = random(random, places);
            var read = Places.of(places.flat());
            int from = random.nextInt(all.size());

            assertThat(offsets(places.after(Optional.empty(), Long.MAX_VALUE)))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(all);
            assertThat(offsets(read.after(Optional.of(all.get(from)), Long.MAX_VALUE)))
                    .as("seed %d, round %d, behind %s", seed, round, all.get(from))
                    .isEqualTo(all.subList(from + 1, all.size()));
            int some = random.nextInt(all.size());
            assertThat(offsets(read.after(Optional.empty(), some)))
                    .as("seed %d, round %d, %d", seed, round, some)
                    .isEqualTo(all.subList(0, some));
        }
    }

    @Test
    void aPlaceThatIsNoneOfThemMeansAll() {
        var places = new Places();
        places.add(new Place(1, 7));

        assertThat(places.after(Optional.of(new Place(0, 7)), 10)).containsExactly(new Run(1, 7, 1));
    }

    /** Every second offset of a partition is the worst case; 100 million of them must not take more than a few pages. */
    @Test
    void becomesCoarseInsteadOfLargeAndLosesNothing() {
        var places = new Places();
        long last = 0;
        for (int i = 0; i < 200_000; i++) {
            last = 2L * i;
            places.add(new Place(0, last));
        }

        assertThat(places.bytes()).isLessThan(2 * Places.MOST_BYTES);
        var runs = places.after(Optional.empty(), Long.MAX_VALUE);
        long covered = 0;
        for (int i = 0; i < 200_000; i++) {
            while (!runs.getFirst().holds(new Place(0, 2L * i))) {
                runs = runs.subList(1, runs.size());
            }
            covered++;
        }
        assertThat(covered).isEqualTo(200_000);
        assertThat(runs.getLast().end()).isEqualTo(last + 1);
    }

    private static List<Place> random(Random random, Places places) {
        var all = new ArrayList<Place>();
        var next = new long[] {random.nextLong(1L << 40), 0, random.nextInt(1000)};
        int partition = random.nextInt(3);
        for (int i = 1 + random.nextInt(60); i > 0; i--) {
            partition = random.nextInt(5) == 0 ? random.nextInt(3) : partition;
            next[partition] += random.nextInt(3) == 0 ? random.nextInt(100_000) : 0;
            var place = new Place(partition, next[partition]++);
            places.add(place);
            all.add(place);
        }
        return all;
    }

    private static List<Place> offsets(List<Run> runs) {
        var all = new ArrayList<Place>();
        for (var run : runs) {
            for (long at = run.first(); at < run.end(); at++) {
                all.add(new Place(run.partition(), at));
            }
        }
        return all;
    }
}
