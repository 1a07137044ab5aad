package io.lorikeet.gateway.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JobStateTest {
    private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");
    private static final String ITS_OWN = "sha256:1";

    /** Whatever else comes under its id, and wherever in between: the job is what its own events tell. */
    @Test
    void eventsOfOthersUnderItsIdAreNothingToAJob() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            List<TrainingEvent> own = job(random);
            var alone = new JobState(own.getFirst());
            var disturbed = new JobState(own.getFirst());
            for (int i = 1; i < own.size(); i++) {
                for (int noise = random.nextInt(3); noise > 0; noise--) {
                    var other = other(random, i);
                    assertThat(disturbed.take(other))
                            .as("seed %d, round %d: %s", seed, round, other)
                            .isEqualTo(JobState.Effect.NONE);
                }
                assertThat(disturbed.take(own.get(i))).isEqualTo(alone.take(own.get(i)));
                assertThat(disturbed.view())
                        .as("seed %d, round %d", seed, round)
                        .isEqualTo(alone.view());
                assertThat(disturbed.known()).isEqualTo(alone.known());
            }
        }
    }

    @Test
    void aRunAgainShowsNothingOfTheOneBeforeAndIsStillOfItsCommand() {
        var state = new JobState(new TrainingEvent.Queued("job", "bird", at(0), ITS_OWN));
        state.take(started("bird", at(1)));
        state.take(new TrainingEvent.CheckpointSaved("job", "bird", at(2), 10, "p"));
        state.take(succeeded("bird", at(3)));
        assertThat(state.take(succeeded("bird", at(3)))).as("told again").isEqualTo(JobState.Effect.NONE);

        assertThat(state.take(started("bird", at(4)))).isEqualTo(JobState.Effect.BEGINS_ANEW);

        assertThat(state.view().status()).isEqualTo(JobStatus.RUNNING);
        assertThat(state.view().checkpoint()).isNull();
        assertThat(state.view().outcome()).isNull();
        assertThat(state.known()).isEqualTo(new JobClaim.Known("job", ITS_OWN, JobClaim.Standing.UNDER_WAY));
    }

    /** Queued, started once or, after a trainer has died, twice, some progress, an end. */
    private static List<TrainingEvent> job(Random random) {
        var events = new ArrayList<TrainingEvent>();
        events.add(new TrainingEvent.Queued("job", "bird", at(0), ITS_OWN));
        for (int starts = 1 + random.nextInt(2); starts > 0; starts--) {
            events.add(started("bird", at(events.size())));
            for (int steps = random.nextInt(3); steps > 0; steps--) {
                events.add(new TrainingEvent.CheckpointSaved("job", "bird", at(events.size()), steps, "p"));
            }
        }
        events.add(
                switch (random.nextInt(3)) {
                    case 0 -> succeeded("bird", at(events.size()));
                    case 1 -> new TrainingEvent.Cancelled("job", "bird", at(events.size()), 1, null);
                    default -> failed("bird", at(events.size()), "training");
                });
        return events;
    }

    private static TrainingEvent other(Random random, int second) {
        return switch (random.nextInt(7)) {
            case 0 -> failed(null, at(second), JobClaim.MALFORMED);
            case 1 -> failed("bird", at(second), JobClaim.MALFORMED);
            case 2 -> failed("other", at(second), JobClaim.TAKEN);
            case 3 -> new TrainingEvent.Queued("job", "other", at(second), "sha256:2");
            case 4 -> started("other", at(second));
            case 5 -> new TrainingEvent.Succeeded("job", "bird", at(second), null, true, null, true);
            default -> succeeded("other", at(second));
        };
    }

    private static Instant at(int second) {
        return BEGIN.plusSeconds(second);
    }

    private static TrainingEvent started(String adapter, Instant time) {
        var base = new BaseModel("fledgling", "sha256:0");
        return new TrainingEvent.Started("job", adapter, time, base, 40, 1000, 50, 0, null, List.of(), List.of());
    }

    private static TrainingEvent failed(String adapter, Instant time, String where) {
        return new TrainingEvent.Failed("job", adapter, time, "why", "class", false, where);
    }

    private static TrainingEvent succeeded(String adapter, Instant time) {
        var summary = new TrainingSummary(40, 10, 0.1, null, 50, 1000, 9.5, 0);
        return new TrainingEvent.Succeeded("job", adapter, time, null, false, summary);
    }
}
